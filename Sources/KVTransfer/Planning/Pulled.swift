/// What a task beside this one produces, pulled one at a time.
struct Pulled<Element: Sendable>: Sendable {
    fileprivate enum Message: Sendable {
        case element(Element)
        case failure(any Error)
        case end
    }

    private let messages: Rendezvous<Message>

    fileprivate init(_ messages: Rendezvous<Message>) { self.messages = messages }

    /// The next element, or `nil` at the end, which may be asked for once.
    ///
    /// - Throws: What the producer has thrown; `CancellationError`.
    func next() async throws -> Element? {
        switch try await messages.receive() {
        case .element(let element): element
        case .failure(let error): throw error
        case .end: nil
        }
    }
}

/// Lends what a producer sends; it runs beside the body, at most one element ahead of it, and is cancelled at its end.
func withPulled<Element: Sendable, Result>(
    from produce: @Sendable @escaping (_ send: @Sendable (Element) async throws -> Void) async throws -> Void,
    body: (Pulled<Element>) async throws -> Result
) async throws -> Result {
    let messages = Rendezvous<Pulled<Element>.Message>()
    return try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask {
            do {
                try await produce { try await messages.send(.element($0)) }
                try await messages.send(.end)
            } catch {
                // Thrown only where this task is cancelled; then the body has ended, or is cancelled too.
                try await messages.send(.failure(error))
            }
        }
        defer { group.cancelAll() }
        return try await body(Pulled(messages))
    }
}
