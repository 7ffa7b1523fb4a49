import Synchronization

/// The keys that were asked for by name and are not in a source; the first of them, because there may be any number.
final class MissingKeys: Sendable {
    private static let namedMaximum = 1_000
    private static let reason = "it is one of the keys that were named, and is not there"

    private let state = Mutex<[Hole]>([])

    /// Them, as what the source does not have.
    var holes: [Hole] { state.withLock { $0 } }

    func note(_ keys: [KVKey]) {
        if keys.isEmpty { return }
        state.withLock { holes in
            let room = max(0, Self.namedMaximum - holes.count)
            holes += keys.prefix(room).map { Hole(key: $0, reason: Self.reason) }
        }
    }
}
