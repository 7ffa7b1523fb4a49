import Foundation
import KVTransfer

/// Numbers for people.
enum Amounts {
    /// 1234567 as `1,234,567`.
    static func count(_ number: Int) -> String {
        var groups: [String] = []
        var rest = String(number.magnitude)
        while rest.count > 3 {
            groups.insert(String(rest.suffix(3)), at: 0)
            rest.removeLast(3)
        }
        return (number < 0 ? "-" : "") + ([rest] + groups).joined(separator: ",")
    }

    /// `1 record`, `2 records`.
    static func count(_ number: Int, _ noun: String) -> String { "\(count(number)) \(noun)\(number == 1 ? "" : "s")" }

    /// `1 prefix`, `2 prefixes`.
    static func count(_ number: Int, _ noun: String, plural: String) -> String {
        "\(count(number)) \(number == 1 ? noun : plural)"
    }

    /// A number with few digits for where there is little room, such as `12.3k`.
    static func brief(_ number: Int) -> String {
        var value = Double(number)
        var unit = 0
        while value >= 999.5, unit < 3 {
            value /= 1000
            unit += 1
        }
        if unit == 0 { return String(number) }
        return String(format: value < 9.95 ? "%.1f%@" : "%.0f%@", value, ["", "k", "M", "G"][unit])
    }

    /// A part of a whole, such as `12.3 %`; a part that is not nothing never shows as nothing.
    static func share(_ part: Int, of whole: Int) -> String {
        guard part > 0, whole > 0 else { return "0 %" }
        let percent = Double(part) / Double(whole) * 100
        if percent < 0.1 { return "< 0.1 %" }
        if part < whole, percent > 99.9 { return "> 99.9 %" }
        return String(format: percent == percent.rounded() ? "%.0f %%" : "%.1f %%", percent)
    }

    /// A part of a whole with its share, such as `12 (1.2 %)`.
    static func shared(_ part: Int, of whole: Int) -> String {
        part == 0 ? "0" : "\(count(part)) (\(share(part, of: whole)))"
    }

    /// A price, such as `1,234.05`; a fraction of a cent counts as one.
    static func dollars(_ amount: Double) -> String {
        let cents = Int(bounded: (amount * 100).rounded(.up))
        return "\(count(cents / 100)).\(cents % 100 < 10 ? "0" : "")\(cents % 100)"
    }

    /// A ratio, such as `4.2`.
    static func ratio(_ ratio: Double) -> String { String(format: ratio < 100 ? "%.1f" : "%.0f", ratio) }

    /// A size that is a whole number of its unit, such as `16 KiB`; others in bytes.
    static func wholeBytes(_ number: Int) -> String {
        if number >= 1 << 20, number.isMultiple(of: 1 << 20) { return "\(number >> 20) MiB" }
        if number >= 1 << 10, number.isMultiple(of: 1 << 10) { return "\(number >> 10) KiB" }
        return "\(number) B"
    }

    /// A size in binary units, such as `1.5 MiB`.
    static func bytes(_ number: Int) -> String {
        let units = ["B", "KiB", "MiB", "GiB", "TiB"]
        var value = Double(number)
        var unit = 0
        while value >= 1024, unit < units.count - 1 {
            value /= 1024
            unit += 1
        }
        return unit == 0 ? "\(number) B" : String(format: "%.1f %@", value, units[unit])
    }

    /// What went wrong how often, such as `3 × server-failed, 1 × timed-out`.
    static func causes(_ counts: [String: Int]) -> String {
        counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { "\(count($0.value)) × \($0.key)" }
            .joined(separator: ", ")
    }

    /// A time span, such as `2m 05s`.
    static func duration(_ duration: Duration) -> String {
        let seconds = duration.seconds
        if seconds < 10 { return String(format: "%.1fs", seconds) }
        let whole = Int(bounded: seconds.rounded())
        if whole < 60 { return "\(whole)s" }
        if whole < 3600 { return String(format: "%dm %02ds", whole / 60, whole % 60) }
        return "\(whole / 3600)h " + String(format: "%02dm", whole / 60 % 60)
    }
}

extension Duration {
    /// The span in seconds.
    var seconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}
