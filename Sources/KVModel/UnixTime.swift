/// A moment in whole seconds since 1970-01-01T00:00:00Z, the unit in which the REST API counts expirations.
public struct UnixTime: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// Seconds since the epoch.
    public var seconds: Int64

    /// Wraps a count of seconds.
    public init(seconds: Int64) { self.seconds = seconds }

    /// Earlier comes first.
    public static func < (one: Self, other: Self) -> Bool { one.seconds < other.seconds }

    /// A moment some seconds later, or earlier for a negative number; stays at the end of the range where the sum
    /// would leave it.
    public static func + (time: Self, seconds: Int64) -> Self {
        let (sum, overflow) = time.seconds.addingReportingOverflow(seconds)
        return Self(seconds: overflow ? (seconds < 0 ? .min : .max) : sum)
    }

    /// The number of seconds.
    public var description: String { String(seconds) }
}
