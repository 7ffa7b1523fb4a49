import Synchronization

/// Counts what happens while a namespace is read.
public final class ReadTally: Sendable {
    /// What was counted.
    public struct Counts: Hashable, Sendable {
        /// Keys in the list.
        public var keysListed = 0
        /// Keys that were in the list and gone when they were read: deleted or expired meanwhile.
        ///
        /// Not an error.
        public var keysVanished = 0
        /// The first of them that had not expired, to be looked for again.
        package var vanishedKeys: [KVKey] = []
        /// Keys that were read on their own because a bulk get could not give them exactly.
        public var keysReread = 0
        /// Keys that were listed twice; the first time counts.
        public var keysDoubled = 0
        /// How often the list was begun again, because its cursor was not valid any more.
        public var listsRestarted = 0
        /// Keys that could not be read, with the reason.
        public var holes: [Hole] = []

        /// How many vanished keys are remembered.
        ///
        /// A server that denies keys it lists shows in the first of them.
        package static let vanishedKeysMaximum = 100

        /// Counts a key that was not there when it was read.
        mutating func countVanished(_ listed: ListedKey, now: Double) {
            keysVanished += 1
            let hasExpired = listed.expiration.map { Double($0.seconds) <= now } ?? false
            if !hasExpired, vanishedKeys.count < Self.vanishedKeysMaximum { vanishedKeys.append(listed.key) }
        }

        /// Adds what was counted elsewhere.
        static func += (counts: inout Self, other: Self) {
            counts.keysListed += other.keysListed
            counts.keysVanished += other.keysVanished
            counts.vanishedKeys += other.vanishedKeys.prefix(vanishedKeysMaximum - counts.vanishedKeys.count)
            counts.keysReread += other.keysReread
            counts.keysDoubled += other.keysDoubled
            counts.listsRestarted += other.listsRestarted
            counts.holes += other.holes
        }
    }

    private let state = Mutex(Counts())

    /// Starts at zero.
    public init() {}

    /// What was counted so far, up to the last batch that was handed over.
    public var counts: Counts { state.withLock { $0 } }

    func add(_ counts: Counts) { state.withLock { $0 += counts } }
}
