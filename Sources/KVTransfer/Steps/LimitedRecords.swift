import Synchronization

/// The first records of a source; it is not read further than they need.
package final class LimitedRecords: RecordSource {
    private struct LimitReached: Error {}

    private let source: any RecordSource
    private let limit: Int
    /// The last key that is taken, once the limit is reached; what follows it is not looked at.
    private let lastKey = Mutex<KVKey?>(nil)

    package init(_ source: any RecordSource, limit: Int) {
        self.source = source
        self.limit = limit
    }

    package var name: String { source.name }

    package var holes: [Hole] {
        guard limit > 0 else { return [] }
        guard let last = lastKey.withLock({ $0 }) else { return source.holes }
        return source.holes.filter { $0.key <= last }
    }

    package var doubtfulKeys: [KVKey] {
        guard let last = lastKey.withLock({ $0 }) else { return source.doubtfulKeys }
        return source.doubtfulKeys.filter { $0 <= last }
    }

    package func lookAgain(at keys: [KVKey]) async throws -> (present: [RecordLine], unreadable: [Hole]) {
        try await source.lookAgain(at: keys)
    }

    package func forEachBatch(_ body: ([RecordLine]) async throws -> Void) async throws {
        var left = limit
        guard left > 0 else { return }
        do {
            try await source.forEachBatch { lines in
                let taken = Array(lines.prefix(left))
                left -= taken.count
                if left == 0 { lastKey.withLock { $0 = taken.last?.key } }
                if !taken.isEmpty { try await body(taken) }
                if left == 0 { throw LimitReached() }
            }
        } catch is LimitReached {}
    }
}
