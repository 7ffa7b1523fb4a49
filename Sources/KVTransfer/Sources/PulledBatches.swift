import AsyncAlgorithms

/// Records of a source, pulled one at a time by whoever needs two sources at once or chunks of another size.
struct RecordCursor {
    private let channel: AsyncChannel<SourceMessage>
    private var batch: [RecordLine] = []
    private var index = 0
    private var isAtEnd = false

    fileprivate init(_ channel: AsyncChannel<SourceMessage>) { self.channel = channel }

    /// The record the cursor stands on, or `nil` at the end.
    mutating func peek() async throws -> RecordLine? {
        while index == batch.count {
            guard !isAtEnd else { return nil }
            // An iterator of a channel has no state of its own; a fresh one goes on where the last one stopped.
            var messages = channel.makeAsyncIterator()
            switch await messages.next() {
            case .batch(let next):
                batch = next
                index = 0
            case .end: isAtEnd = true
            case .failure(let error): throw error
            // A channel that closes without a word was closed by a cancellation; that is not the end of the records.
            case nil: throw CancellationError()
            }
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

/// What the task that walks a source tells the one that consumes it.
private enum SourceMessage: Sendable {
    case batch([RecordLine])
    case failure(any Error)
    case end
}

/// Lends a cursor over a source; the walk runs beside the body and at most one batch ahead of it.
func withCursor<Result>(
    over source: any RecordSource, _ body: (inout RecordCursor) async throws -> Result
) async throws -> Result {
    let channel = AsyncChannel<SourceMessage>()
    return try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask {
            do {
                try await source.forEachBatch { batch in
                    await channel.send(.batch(batch))
                    try Task.checkCancellation()
                }
                await channel.send(.end)
            } catch {
                await channel.send(.failure(error))
            }
        }
        var cursor = RecordCursor(channel)
        defer { group.cancelAll() }
        return try await body(&cursor)
    }
}
