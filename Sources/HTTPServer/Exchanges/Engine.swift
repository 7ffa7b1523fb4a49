import Synchronization

/// What the library's thread and the tasks that make answers share.
final class Engine: Sendable {
    private struct State {
        /// Requests whose heads have come, and whose answers are not sent yet.
        var inFlight: [ObjectIdentifier: Exchange] = [:]
        /// Tasks that make answers, for each of which a connection is suspended.
        var tasks = 0
        /// Whether nothing is begun or answered any more.
        var isClosed = false
        /// Waits for the end.
        var waiter: CheckedContinuation<Void, Never>?

        /// The waiter, if it need not wait any more; nothing is begun after that.
        mutating func takeWaiter() -> CheckedContinuation<Void, Never>? {
            guard let waiter, tasks == 0, isClosed || inFlight.isEmpty else { return nil }
            isClosed = true
            self.waiter = nil
            return waiter
        }
    }

    let admit: @Sendable (RequestHead) -> RequestPlan
    let log: @Sendable (String) -> Void
    private let state = Mutex(State())
    private let ends = Atomic(false)

    init(_ admit: @escaping @Sendable (RequestHead) -> RequestPlan, log: @escaping @Sendable (String) -> Void) {
        self.admit = admit
        self.log = log
    }

    var requestsInFlight: Int { state.withLock { $0.inFlight.count } }
    /// Whether answers close their connections.
    var isEnding: Bool { ends.load(ordering: .relaxed) }
    /// Whether nothing is begun or answered any more.
    var isClosed: Bool { state.withLock { $0.isClosed } }

    /// Counts a request; `false` if none may begin any more.
    func begin(_ exchange: Exchange) -> Bool {
        state.withLock { state in
            if !state.isClosed { state.inFlight[ObjectIdentifier(exchange)] = exchange }
            return !state.isClosed
        }
    }

    /// Forgets a request, whether it was counted or not.
    func end(_ exchange: Exchange) { change { $0.inFlight[ObjectIdentifier(exchange)] = nil } }

    /// Counts a task; `false` if none may start any more.
    func taskStarts() -> Bool {
        state.withLock { state in
            if !state.isClosed { state.tasks += 1 }
            return !state.isClosed
        }
    }

    func taskEnds() { change { $0.tasks -= 1 } }

    /// Has the answers that are begun from now on close their connections.
    func announceEnd() { ends.store(true, ordering: .relaxed) }

    /// Returns when no task runs and, unless all is cut off, no request is in flight; none begins after that.
    func settle() async {
        await withCheckedContinuation { continuation in change { $0.waiter = continuation } }
    }

    /// Cuts everything off.
    func abort() {
        let exchanges = change { state in
            state.isClosed = true
            return Array(state.inFlight.values)
        }
        for exchange in exchanges { exchange.abort() }
    }

    private func change<Result: Sendable>(_ body: (inout sending State) -> Result) -> Result {
        let (result, waiter) = state.withLock { state in (body(&state), state.takeWaiter()) }
        waiter?.resume()
        return result
    }
}
