import Synchronization

/// One request and its answer.
///
/// The library's thread carries it on from its head to its body; then the connection is suspended, a task makes the
/// answer, and the library's thread sends it.
final class Exchange: Sendable {
    private enum Phase {
        /// The target is known, the rest of the head is not.
        case begun
        /// The body comes in, or is thrown away.
        case reading(RequestPlan)
        /// The connection is suspended, and a task makes the answer.
        case working(ConnectionHandle, Task<Void, Never>)
        /// The answer is to be sent.
        case answered(OutgoingResponse, closes: Bool)
        /// There is nothing more to do but to end the connection, if it has not ended.
        case over
    }

    private struct State {
        var phase = Phase.begun
        var body = ReceivedBody()
    }

    private enum Step {
        case admit
        case read
        case work(RequestPlan, ReceivedBody)
        case send(OutgoingResponse, closes: Bool)
        case cut
    }

    private let target: String
    private let places: RequestLinePlaces
    private let engine: Engine
    private let state = Mutex(State())

    /// Begins with the target, as it stands in the library's buffer.
    init(_ target: UnsafePointer<CChar>?, _ engine: Engine) {
        self.target = target.map { String(cString: $0) } ?? ""
        places = RequestLinePlaces(target: target)
        self.engine = engine
    }

    /// Does what comes next; `false` to cut the connection off.
    func advance(
        _ connection: ConnectionHandle, _ method: UnsafePointer<CChar>, _ version: UnsafePointer<CChar>,
        _ piece: UnsafeRawBufferPointer
    ) -> Bool {
        switch takeStep(piece) {
        case .admit: admit(connection, method, version)
        case .read: true
        case .work(let plan, let body): work(connection, plan, body, closes: false)
        case .send(let response, let closes): response.queue(connection, closes: closes || engine.isEnding)
        case .cut: false
        }
    }

    private func takeStep(_ piece: UnsafeRawBufferPointer) -> Step {
        if engine.isClosed { return .cut }
        return state.withLock { state in
            switch state.phase {
            case .begun:
                return .admit
            case .reading(let plan) where piece.isEmpty:
                defer { state = State(phase: .over) }
                return .work(plan, state.body)
            case .reading(let plan):
                state.body.append(piece, limit: plan.bodyLimit ?? 0)
                return state.body.received <= RequestPlan.discardLimit ? .read : .cut
            case .answered(let response, let closes):
                state.phase = .over
                return .send(response, closes: closes)
            case .working, .over:
                return .cut
            }
        }
    }
}

// MARK: - The head

extension Exchange {
    private func admit(
        _ connection: ConnectionHandle, _ method: UnsafePointer<CChar>, _ version: UnsafePointer<CChar>
    ) -> Bool {
        guard engine.begin(self) else { return false }
        let head = RequestHead(connection, target: target, method: method, version: version)
        guard places.areAdjacent(method: method, version: version), head.isSound else {
            state.withLock { $0.phase = .over }
            let refusal = OutgoingResponse.make(Response(status: 400), log: engine.log)
            return refusal?.queue(connection, closes: true) ?? false
        }
        let plan = engine.admit(head)
        let length = head.contentLength ?? 0
        let isTooLarge = plan.bodyLimit.map { length > $0 } ?? false
        let isUnwanted = isTooLarge || plan.bodyLimit == nil
        if length > RequestPlan.discardLimit || isUnwanted && head.expectsContinue {
            var body = ReceivedBody()
            body.isTooLarge = isTooLarge
            return work(connection, plan, body, closes: true)
        }
        state.withLock { state in
            if length <= plan.bodyLimit ?? 0 { state.body.bytes.reserveCapacity(length) }
            state.phase = .reading(plan)
        }
        return true
    }
}

// MARK: - The answer

extension Exchange {
    /// Lets go of the connection until the answer is there.
    private func work(
        _ connection: ConnectionHandle, _ plan: RequestPlan, _ body: ReceivedBody, closes: Bool
    ) -> Bool {
        state.withLock { state in
            // One step: what is counted can be aborted as soon as anybody else gets the lock.
            guard engine.taskStarts() else { return false }
            connection.suspend()
            // Owned by the exchange, counted by the engine, which waits for it before the server ends.
            let task = Task { await self.answer(plan, body, closes: closes) }
            state.phase = .working(connection, task)
            return true
        }
    }

    private func answer(_ plan: RequestPlan, _ body: ReceivedBody, closes: Bool) async {
        let response = OutgoingResponse.make(await plan.respond(body), log: engine.log)
        wake { response.map { .answered($0, closes: closes) } ?? .over }
        engine.taskEnds()
    }

    /// Cuts the connection off, and tells the task that nobody waits any more.
    func abort() { wake { .over }?.cancel() }

    /// Resumes the connection, once; the task that was at work, if it was.
    @discardableResult
    private func wake(_ next: () -> Phase) -> Task<Void, Never>? {
        let work: (connection: ConnectionHandle, task: Task<Void, Never>)? = state.withLock { state in
            guard case .working(let connection, let task) = state.phase else { return nil }
            state.phase = next()
            return (connection, task)
        }
        work?.connection.resume()
        return work?.task
    }
}
