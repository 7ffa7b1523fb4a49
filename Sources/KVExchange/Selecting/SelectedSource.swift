package import KVTransfer

/// Some of the records of a source: those whose keys match, up to a number.
package struct SelectedSource: RecordSource {
    private struct LimitReached: Error {}

    private let source: any RecordSource
    private let glob: KeyGlob?
    private let limit: Int?

    /// Selects records.
    ///
    /// - Parameters:
    ///   - source: Where they come from.
    ///   - glob: What keys must match.
    ///   - limit: The most records; the source is not read further than they need.
    package init(_ source: any RecordSource, matching glob: KeyGlob?, limit: Int?) {
        self.source = source
        self.glob = glob
        self.limit = limit
    }

    package var name: String { source.name }

    package var holes: [Hole] { source.holes.filter { glob?.matches($0.key) ?? true } }

    package func forEachBatch(_ body: ([RecordLine]) async throws -> Void) async throws {
        var left = limit ?? .max
        guard left > 0 else { return }
        do {
            try await source.forEachBatch { lines in
                let chosen = Array(lines.lazy.filter { glob?.matches($0.key) ?? true }.prefix(left))
                left -= chosen.count
                if !chosen.isEmpty { try await body(chosen) }
                if left == 0 { throw LimitReached() }
            }
        } catch is LimitReached {}
    }
}
