package import KVModel

/// Moments as RFC 3339 texts in UTC with whole seconds, such as `2026-11-23T13:05:01Z`.
package enum UTCTime {
    /// The years that have four digits.
    static let range = Int64(-62_167_219_200)...Int64(253_402_300_799)

    /// The text of a moment; moments outside four-digit years are moved to the nearest one.
    package static func text(_ time: UnixTime) -> String {
        let parts = Parts(time)
        return "\(parts.date)T\(pad(parts.hour)):\(pad(parts.minute)):\(pad(parts.second))Z"
    }

    /// The text without colons, for names of files.
    static func fileName(_ time: UnixTime) -> String { text(time).filter { $0 != ":" } }

    /// The moment of a text, or `nil` if it is not of exactly this form.
    static func parse(_ text: String) -> UnixTime? {
        let bytes = Array(text.utf8)
        let shape = Array("dddd-dd-ddTdd:dd:ddZ".utf8)
        guard bytes.count == shape.count else { return nil }
        for (byte, wanted) in zip(bytes, shape) where wanted == 0x64 ? !(0x30...0x39).contains(byte) : byte != wanted {
            return nil
        }
        func number(_ range: Range<Int>) -> Int64 { bytes[range].reduce(0) { $0 * 10 + Int64($1 - 0x30) } }
        let days = daysSinceEpoch(year: number(0..<4), month: number(5..<7), day: number(8..<10))
        let time = UnixTime(seconds: days * 86_400 + number(11..<13) * 3_600 + number(14..<16) * 60 + number(17..<19))
        // The 30th of February comes out as another day; the text of that moment is another one then.
        return self.text(time) == text ? time : nil
    }

    /// The first moment of a month, or `nil` where the year does not have four digits.
    static func startOfMonth(year: Int, month: Int) -> UnixTime? {
        parse("\(pad(Int64(year), 4))-\(pad(Int64(month)))-01T00:00:00Z")
    }

    private struct Parts {
        var date: String
        var hour: Int64
        var minute: Int64
        var second: Int64

        init(_ time: UnixTime) {
            let seconds = min(max(time.seconds, range.lowerBound), range.upperBound)
            let secondOfDay = ((seconds % 86_400) + 86_400) % 86_400
            hour = secondOfDay / 3_600
            minute = secondOfDay / 60 % 60
            second = secondOfDay % 60
            let (year, month, day) = civilDate(daysSinceEpoch: (seconds - secondOfDay) / 86_400)
            date = "\(pad(year, 4))-\(pad(month))-\(pad(day))"
        }
    }

    private static func pad(_ number: Int64, _ width: Int = 2) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }

    /// Counts days in the Gregorian calendar; years start in March here, so that leap days come last.
    private static func daysSinceEpoch(year: Int64, month: Int64, day: Int64) -> Int64 {
        let marchYear = month <= 2 ? year - 1 : year
        let marchMonth = (month + 9) % 12
        let leapDays = floorDivide(marchYear, 4) - floorDivide(marchYear, 100) + floorDivide(marchYear, 400)
        return marchYear * 365 + leapDays + (marchMonth * 153 + 2) / 5 + day - 1 - 719_468
    }

    private static func civilDate(daysSinceEpoch days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        // A first guess from the mean length of a year is at most one year off.
        var year = 1970 + floorDivide(days * 400, 146_097)
        while daysSinceEpoch(year: year, month: 1, day: 1) > days { year -= 1 }
        while daysSinceEpoch(year: year + 1, month: 1, day: 1) <= days { year += 1 }
        var month: Int64 = 12
        while daysSinceEpoch(year: year, month: month, day: 1) > days { month -= 1 }
        return (year, month, days - daysSinceEpoch(year: year, month: month, day: 1) + 1)
    }

    private static func floorDivide(_ number: Int64, _ divisor: Int64) -> Int64 {
        number >= 0 ? number / divisor : -((-number + divisor - 1) / divisor)
    }
}
