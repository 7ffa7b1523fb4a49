public import KVModel

/// When records expire, seen from a moment.
public struct ExpirationSpread: Hashable, Sendable {
    /// A span of time in which records expire.
    public enum Period: Hashable, Sendable {
        /// The moment or before.
        case expired
        /// Within 24 hours.
        case day
        /// Within seven days, and not within the day.
        case week
        /// Within thirty days, and not within the week.
        case month
        /// In a month of the calendar, in UTC, but not within thirty days.
        case calendarMonth(year: Int, month: Int)
        /// After the last month that is counted on its own.
        case later
        /// Not at all.
        case never
    }

    /// How many months of the calendar are counted on their own.
    public static let calendarMonths = 60

    /// The moment.
    public let moment: UnixTime
    /// The spans in order of time, the empty ones too, ``Period/never`` last.
    public let periods: [Period]
    /// The records of each span.
    public private(set) var sums: [RecordSum]
    /// The last second of each span but the last two, which have none.
    private let ends: [Int64]

    /// Nothing yet, seen from a moment.
    public init(at moment: UnixTime) {
        var spans: [(Period, end: Int64)] = [
            (.expired, moment.seconds), (.day, (moment + 86_400).seconds), (.week, (moment + 7 * 86_400).seconds),
            (.month, (moment + 30 * 86_400).seconds),
        ]
        spans += Self.months(after: moment + 30 * 86_400)
        self.moment = moment
        periods = spans.map(\.0) + [.later, .never]
        ends = spans.map(\.end)
        sums = Array(repeating: RecordSum(), count: periods.count)
    }

    /// Each span that holds records, and the first four and the last, which always have their place.
    public var notable: [(period: Period, sum: RecordSum)] {
        zip(periods, sums).filter { period, sum in
            switch period {
            case .calendarMonth, .later: sum.records > 0
            default: true
            }
        }
        .map { ($0, $1) }
    }

    /// Counts a record.
    mutating func add(_ line: RecordLine) { sums[index(of: line.expiration)].add(valueBytes: line.valueBytes) }

    private func index(of expiration: UnixTime?) -> Int {
        guard let seconds = expiration?.seconds else { return periods.count - 1 }
        return ends.firstIndex { seconds <= $0 } ?? periods.count - 2
    }

    /// The months from the one that holds a moment on; fewer where four digits do not hold the year.
    private static func months(after moment: UnixTime) -> [(Period, end: Int64)] {
        let date = UTCTime.text(moment).split(separator: "-").prefix(2).compactMap { Int($0) }
        guard date.count == 2 else { return [] }
        let first = date[0] * 12 + date[1] - 1
        return (first..<first + calendarMonths).compactMap { month in
            let next = UTCTime.startOfMonth(year: (month + 1) / 12, month: (month + 1) % 12 + 1)
            return next.map { (.calendarMonth(year: month / 12, month: month % 12 + 1), end: $0.seconds - 1) }
        }
    }
}
