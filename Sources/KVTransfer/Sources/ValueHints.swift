/// What the value of a key probably is, because an earlier archive says what it was.
struct ValueHint: Hashable, Sendable {
    /// Whether it was text, which a bulk get can read.
    var isText: Bool
    /// How many bytes it had.
    var bytes: Int
}

/// Hints for keys in ascending order, from the records of an earlier archive that is walked beside the list.
///
/// Only hints: an archive that cannot be read gives none, and is not worth an error.
struct ValueHints {
    private var cursor: RecordCursor?

    /// Hints from records; none without.
    init(_ cursor: RecordCursor? = nil) { self.cursor = cursor }

    /// The hint for a key that comes after all that were asked for before.
    mutating func hint(for key: KVKey) async -> ValueHint? {
        guard cursor != nil else { return nil }
        do {
            while let line = try await cursor?.peek(), line.key < key { _ = try await cursor?.next() }
            guard let line = try await cursor?.peek(), line.key == key else { return nil }
            return ValueHint(isText: !line.isBase64, bytes: line.valueBytes)
        } catch {
            cursor = nil
            return nil
        }
    }
}

/// Lends hints from an earlier archive, or ones that say nothing when there is none.
func withValueHints<Result>(
    from archive: Archive?, prefix: KVKey, after key: KVKey?, _ body: (inout ValueHints) async throws -> Result
) async throws -> Result {
    guard let archive else {
        var hints = ValueHints()
        return try await body(&hints)
    }
    let source = ArchiveRecordSource(archive, prefix: prefix, after: key)
    return try await withCursor(over: source) { cursor in
        var hints = ValueHints(cursor)
        return try await body(&hints)
    }
}
