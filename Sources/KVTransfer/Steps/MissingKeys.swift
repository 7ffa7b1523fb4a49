import Synchronization

/// The keys that were asked for by name and are not in a source; the first of them, because there may be any number.
final class MissingKeys: Sendable {
    private static let namedMaximum = 1_000
    private static let reason = "it is one of the keys that were named, and is not there"

    private let state = Mutex<[Hole]>([])

    /// Them, as what the source does not have.
    var holes: [Hole] { state.withLock { $0 } }

    func note(_ key: KVKey) {
        state.withLock { holes in
            guard holes.count < Self.namedMaximum else { return }
            let isLast = holes.count + 1 == Self.namedMaximum
            holes.append(
                Hole(key: key, reason: Self.reason + (isLast ? "; what else is missing after it is not named" : "")))
        }
    }
}
