/// Records of a source, pulled one at a time by whoever needs two sources at once or chunks of another size.
struct RecordCursor {
    private let batches: Pulled<[RecordLine]>
    private var batch: [RecordLine] = []
    private var index = 0
    private var isAtEnd = false

    fileprivate init(_ batches: Pulled<[RecordLine]>) { self.batches = batches }

    /// The record the cursor stands on, or `nil` at the end.
    mutating func peek() async throws -> RecordLine? {
        while index == batch.count {
            guard !isAtEnd else { return nil }
            guard let next = try await batches.next() else {
                isAtEnd = true
                return nil
            }
            batch = next
            index = 0
        }
        return batch[index]
    }

    /// The record the cursor stands on; moves on to the next.
    mutating func next() async throws -> RecordLine? {
        guard let line = try await peek() else { return nil }
        index += 1
        return line
    }
}

/// Lends a cursor over a source; the walk runs beside the body and at most one batch ahead of it.
func withCursor<Result>(
    over source: any RecordSource, _ body: (inout RecordCursor) async throws -> Result
) async throws -> Result {
    try await withPulled { send in
        try await source.forEachBatch { try await send($0) }
    } body: { batches in
        var cursor = RecordCursor(batches)
        return try await body(&cursor)
    }
}
