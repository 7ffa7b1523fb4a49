import AsyncAlgorithms

/// What a task beside this one produces, pulled one at a time.
struct Pulled<Element: Sendable>: Sendable {
    fileprivate enum Message: Sendable {
        case element(Element)
        case failure(any Error)
        case end
    }

    private let channel: AsyncChannel<Message>

    fileprivate init(_ channel: AsyncChannel<Message>) { self.channel = channel }

    /// The next element, or `nil` at the end, which may be asked for once.
    ///
    /// - Throws: What the producer has thrown; `CancellationError`.
    func next() async throws -> Element? {
        // An iterator of a channel has no state of its own; a fresh one goes on where the last one stopped.
        var messages = channel.makeAsyncIterator()
        switch await messages.next() {
        case .element(let element): return element
        case .end: return nil
        case .failure(let error): throw error
        // A channel that closes without a word was closed by a cancellation; that is not the end.
        case nil: throw CancellationError()
        }
    }
}

/// Lends what a producer sends; it runs beside the body, at most one element ahead of it, and is cancelled at its end.
func withPulled<Element: Sendable, Result>(
    from produce: @Sendable @escaping (_ send: @Sendable (Element) async throws -> Void) async throws -> Void,
    body: (Pulled<Element>) async throws -> Result
) async throws -> Result {
    let channel = AsyncChannel<Pulled<Element>.Message>()
    return try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask {
            do {
                try await produce { element in
                    await channel.send(.element(element))
                    try Task.checkCancellation()
                }
                await channel.send(.end)
            } catch {
                await channel.send(.failure(error))
            }
        }
        defer { group.cancelAll() }
        return try await body(Pulled(channel))
    }
}
