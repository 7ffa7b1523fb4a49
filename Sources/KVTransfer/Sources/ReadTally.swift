import Synchronization

/// Counts what happens while a namespace is read, from all tasks that read it.
public final class ReadTally: Sendable {
    /// What was counted.
    public struct Counts: Hashable, Sendable {
        /// Keys in the list.
        public var keysListed = 0
        /// Keys that were in the list and gone when they were read: deleted or expired meanwhile.
        ///
        /// Not an error.
        public var keysVanished = 0
        /// Keys that were read on their own because a bulk get could not give them exactly.
        public var keysReread = 0
        /// Keys that were listed twice; the first time counts.
        public var keysDoubled = 0
        /// Keys that could not be read, with the reason.
        public var holes: [Hole] = []
    }

    private let state = Mutex(Counts())
    private let share = Mutex(0.0)

    /// Starts at zero.
    public init() {}

    /// What was counted so far.
    public var counts: Counts { state.withLock { $0 } }

    /// Which share of the values read last was not text; the last twenty or so count.
    var nonTextShare: Double { share.withLock { $0 } }

    func observe(isText: Bool, count: Int = 1) {
        share.withLock { share in
            for _ in 0..<count { share += ((isText ? 0 : 1) - share) / 16 }
        }
    }

    func update(_ change: (inout Counts) -> Void) { state.withLock { change(&$0) } }
}
