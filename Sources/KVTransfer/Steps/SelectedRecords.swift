import Synchronization

/// The records of a source whose keys are taken.
package struct SelectedRecords: RecordSource {
    /// Ends a walk of which the rest is not wanted.
    private struct Enough: Error {}

    private let source: any RecordSource
    private let selection: KeySelection
    private let lastSkipped: KVKey?
    private let readsToEnd: Bool
    private let missing = MissingKeys()
    private let taken = TakenHoles()

    /// Selects records.
    ///
    /// - Parameters:
    ///   - source: Where they come from.
    ///   - selection: Which are taken.
    ///   - key: The key that the source begins behind, if it does not begin with its first.
    ///   - readsToEnd: Whether the source is read to its end also when nothing more of it can be taken.
    package init(
        _ source: any RecordSource, _ selection: KeySelection, after key: KVKey? = nil, readsToEnd: Bool = false
    ) {
        self.readsToEnd = readsToEnd
        self.source = source
        self.selection = selection
        lastSkipped = key
    }

    package var name: String { source.name }

    package var holes: [Hole] {
        let unreadable = taken.holes(of: source.holes, selection)
        let absent = missing.holes
        if unreadable.isEmpty || absent.isEmpty { return unreadable + absent }
        let known = Set(unreadable.map(\.key))
        return unreadable + absent.filter { !known.contains($0.key) }
    }

    package var doubtfulKeys: [KVKey] { source.doubtfulKeys }

    package func lookAgain(at keys: [KVKey]) async throws -> (present: [RecordLine], unreadable: [Hole]) {
        try await source.lookAgain(at: keys)
    }

    package func forEachBatch(_ body: ([RecordLine]) async throws -> Void) async throws {
        var selector = try KeySelector(selection, after: lastSkipped, missing: missing)
        do {
            if !readsToEnd, try selector.isExhausted { throw Enough() }
            try await source.forEachBatch { lines in
                let taken = try lines.filter { try selector.takes($0.key) }
                if !taken.isEmpty { try await body(taken) }
                if !readsToEnd, try selector.isExhausted { throw Enough() }
            }
        } catch is Enough {}
        try selector.finish()
    }
}

/// The holes of keys that are taken, chosen once for as long as there are no more of them: they are asked for often.
private final class TakenHoles: Sendable {
    private let state = Mutex((count: 0, holes: [Hole]()))

    func holes(of all: [Hole], _ selection: KeySelection) -> [Hole] {
        state.withLock { state in
            if state.count != all.count { state = (all.count, Self.chosen(all, selection)) }
            return state.holes
        }
    }

    /// All, if the names of keys cannot be read.
    private static func chosen(_ holes: [Hole], _ selection: KeySelection) -> [Hole] {
        let sorted = holes.sorted { $0.key < $1.key }
        guard var selector = try? KeySelector(selection) else { return sorted }
        return sorted.filter { (try? selector.takes($0.key)) ?? true }
    }
}
