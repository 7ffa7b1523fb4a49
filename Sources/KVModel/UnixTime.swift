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
        Self(seconds: time.seconds.addingBounded(seconds))
    }

    /// How many seconds have passed since a moment, negative before it; stays at the end of the range where the difference
    /// would leave it.
    package func seconds(since moment: Self) -> Int64 { seconds.subtractingBounded(moment.seconds) }

    /// The number of seconds.
    public var description: String { String(seconds) }
}
