/// The records of a source whose keys are taken.
package struct SelectedRecords: RecordSource {
    /// Ends a walk of which the rest is not wanted.
    private struct Enough: Error {}

    private let source: any RecordSource
    private let selection: KeySelection
    private let lastSkipped: KVKey?
    private let missing = MissingKeys()

    /// Selects records.
    ///
    /// - Parameters:
    ///   - source: Where they come from.
    ///   - selection: Which are taken.
    ///   - key: The key that the source begins behind, if it does not begin with its first.
    package init(_ source: any RecordSource, _ selection: KeySelection, after key: KVKey? = nil) {
        self.source = source
        self.selection = selection
        lastSkipped = key
    }

    package var name: String { source.name }

    package var holes: [Hole] {
        let unreadable = taken(of: source.holes)
        let known = Set(unreadable.map(\.key))
        return unreadable + missing.holes.filter { !known.contains($0.key) }
    }

    /// The holes of keys that are taken; all, if the names of keys cannot be read.
    private func taken(of holes: [Hole]) -> [Hole] {
        if holes.isEmpty { return [] }
        let sorted = holes.sorted { $0.key < $1.key }
        guard var selector = try? KeySelector(selection) else { return sorted }
        return sorted.filter { (try? selector.takes($0.key)) ?? true }
    }

    package var doubtfulKeys: [KVKey] { source.doubtfulKeys }

    package func lookAgain(at keys: [KVKey]) async throws -> (present: [RecordLine], unreadable: [Hole]) {
        try await source.lookAgain(at: keys)
    }

    package func forEachBatch(_ body: ([RecordLine]) async throws -> Void) async throws {
        var selector = try KeySelector(selection, after: lastSkipped)
        do {
            if try selector.isExhausted { throw Enough() }
            try await source.forEachBatch { lines in
                let taken = try lines.filter { try selector.takes($0.key) }
                missing.note(selector.takeMissing())
                if !taken.isEmpty { try await body(taken) }
                if try selector.isExhausted { throw Enough() }
            }
        } catch is Enough {}
        try selector.finish()
        missing.note(selector.takeMissing())
    }
}
