/// Sends requests, again where that helps, and turns answers into envelopes or errors.
struct Requester: Sendable {
    private(set) var options: KVClientOptions
    let transport: any Transport
    private let counter = RequestCounter()
    private let turns: RequestTurns
    private let budget: RetryBudget
    private let redaction: Redaction
    private let headers: [(name: String, value: String)]

    init(options: KVClientOptions, transport: any Transport) {
        self.options = options
        self.transport = transport
        turns = RequestTurns(options: options)
        budget = RetryBudget(options.retryPolicy.budget)
        redaction = Redaction(options.credentials)
        headers = options.credentials.headers + [("user-agent", options.userAgent), ("accept", "*/*")]
    }

    /// What was sent so far.
    var statistics: RequestStatistics {
        var statistics = counter.statistics
        statistics.pausedSeconds = turns.pausedSeconds
        return statistics
    }

    /// Whether there is a limit of requests, as far as is known.
    var isLimited: Bool { turns.areLimited }

    /// A requester that shares all but its options with this one.
    func withOptions(_ options: KVClientOptions) -> Requester {
        var copy = self
        copy.options = options
        return copy
    }

    /// Sends a request whose answer is an envelope.
    ///
    /// - Throws: ``KVError``; `CancellationError`.
    func envelope(_ request: APIRequest) async throws -> Envelope {
        try await send(request) { reply throws(KVError) in try checkedEnvelope(reply, request) }
    }

    /// Sends a request whose answer, if it succeeds, is a value's bytes.
    func bytes(_ request: APIRequest) async throws -> APIReply {
        try await reply(request) { reply throws(KVError) in reply }
    }

    /// Sends a request whose answer, if it succeeds, has a form of its own; what the reading throws may be repeated.
    func reply<Result>(
        _ request: APIRequest, _ read: (APIReply) throws(KVError) -> Result
    ) async throws -> Result {
        try await send(request) { reply throws(KVError) in
            guard reply.status == 200 else { throw failure(reply, request) }
            try checkIsWhole(reply, request)
            return try read(reply)
        }
    }

    private func send<Result>(
        _ request: APIRequest, _ read: (APIReply) throws(KVError) -> Result
    ) async throws -> Result {
        var history = AttemptHistory()
        while true {
            do {
                let result = try await attempt(request, &history, read)
                budget.succeeded()
                return result
            } catch let error as KVError {
                let error = named(error, request, history)
                let rule = RetryRule.rule(for: error)
                history.failed(rule)
                budget.ended(isFailure: rule != nil)
                if error.code == .dailyQuotaUsed, options.waitsForDailyQuota, let pause = turns.blockForDailyQuota() {
                    announce(error, pause, request, history)
                    history.willRepeatWithoutCounting(error)
                } else {
                    try await pause(after: error, request, history)
                    history.willRepeat(error)
                }
            }
        }
    }

    /// Sends a request once, when it is its turn.
    private func attempt<Result>(
        _ request: APIRequest, _ history: inout AttemptHistory, _ read: (APIReply) throws(KVError) -> Result
    ) async throws -> Result {
        let permit = try await turns.wait()
        counter.count(request.kind, repeatedFor: history.cause)
        let reply: APIReply
        do {
            reply = try await transport.send(request, to: options.baseURL, headers: headers)
        } catch {
            turns.failedWithoutAnswer(permit)
            throw error
        }
        // A server that does not know the question whether a large body may be sent has refused the first (417).
        for _ in 1..<max(1, reply.timesSent) { counter.count(request.kind, repeatedFor: .refused) }
        do {
            let result = try read(reply)
            history.limitEnds = turns.answered(permit, reply, isRefused: false)
            return result
        } catch {
            history.limitEnds = turns.answered(permit, reply, isRefused: error.code == .rateLimited)
            throw error
        }
    }

    /// Waits before the next attempt, or has all requests wait.
    ///
    /// - Throws: The error itself when it is final; `CancellationError`.
    private func pause(after error: KVError, _ request: APIRequest, _ history: AttemptHistory) async throws {
        guard let rule = RetryRule.rule(for: error),
            let pause = options.retryPolicy.pause(
                after: error, rule, attempt: history.attempts, share: Double.random(in: 0...1),
                limitEnds: history.limitEnds.map { .bounded(seconds: $0) })
        else { throw error }
        // Others wait even if this request gives up.
        if rule.isLimit { turns.block(for: pause) }
        guard
            options.retryPolicy.allows(
                rule, attempt: history.attempts, failures: history.failures,
                repetitions: history.repetitions(for: error), isIdempotent: request.kind.isIdempotent)
        else { throw error }
        if !rule.isLimit, let complaint = budget.take() { throw error.adding(complaint) }
        announce(error, pause, request, history)
        // For a limit, the wait for the next turn is the pause.
        if !rule.isLimit { try await options.clock.sleep(pause.inSeconds) }
    }

    private func announce(_ error: KVError, _ pause: Duration, _ request: APIRequest, _ history: AttemptHistory) {
        options.logger?.write(
            .debug, "request is sent again",
            [
                ("request", request.kind.rawValue), ("attempt", "\(history.attempts)"), ("pause", "\(pause)"),
                ("code", error.code.rawValue), ("cf-ray", error.reply?.ray ?? "-"),
            ])
        options.onRetry?(error, pause, history.attempts)
    }

    /// Says what a request was about in an error that the transport could not name, and what came before it.
    private func named(_ error: KVError, _ request: APIRequest, _ history: AttemptHistory) -> KVError {
        var error = error
        error.followsUnknownOutcome = history.hasUnknownOutcome
        if !error.message.contains(request.subject) { error.message = "\(request.subject): \(error.message)" }
        error.message = redaction.apply(error.message)
        error.reply = error.reply.map(redacted)
        error.cause = error.cause.map { RedactedCause(redaction.apply(String(describing: $0))) }
        return error
    }
}

extension KVError {
    /// The error with something more to say.
    fileprivate func adding(_ clause: String) -> KVError {
        var error = self
        error.message += "; \(clause)"
        error.isForWantOfRetries = true
        return error
    }
}

/// The text of an underlying error, without secrets.
struct RedactedCause: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

// MARK: - Judging answers

extension Requester {
    private func checkedEnvelope(_ reply: APIReply, _ request: APIRequest) throws(KVError) -> Envelope {
        guard (200...299).contains(reply.status) else { throw failure(reply, request) }
        // wrangler takes an answer without content for success, and so do we.
        if reply.status == 204 || reply.status == 205 { return Envelope(isSuccess: true) }
        try checkIsWhole(reply, request, needsAnnouncedEnd: false)
        let envelope: Envelope
        do throws(JSONFault) {
            envelope = try Envelope(parsing: reply.body)
        } catch {
            throw malformed(reply, request, "the answer is not the API's JSON (\(error))")
        }
        guard envelope.isSuccess || isPartialSuccess(envelope, reply, request) else { throw failure(reply, request) }
        return envelope
    }

    /// Whether an answer that reports a failure means single keys of a bulk write, which it names.
    private func isPartialSuccess(_ envelope: Envelope, _ reply: APIReply, _ request: APIRequest) -> Bool {
        guard request.kind.isBulkChange, let report = try? BulkReport(envelope.result) else { return false }
        let code = KVError.Code(status: reply.status, errors: envelope.errors, isEnvelope: true)
        return (code == .serverFailed || code == .refused) && !report.unsuccessfulKeys.isEmpty
    }

    /// Refuses answers whose bytes cannot be trusted to be the ones that were meant.
    private func checkIsWhole(
        _ reply: APIReply, _ request: APIRequest, needsAnnouncedEnd: Bool = true
    ) throws(KVError) {
        if let encoding = reply.headers["content-encoding"], encoding.lowercased() != "identity" {
            throw malformed(reply, request, "the answer came in content-encoding \(encoding), which was not asked for")
        }
        if reply.headers["cf-mitigated"] == "challenge" {
            throw malformed(reply, request, "the answer is a challenge page for browsers, not the API's")
        }
        if needsAnnouncedEnd, !reply.hasAnnouncedEnd {
            throw malformed(reply, request, "the answer has neither a length nor chunks, so it may be cut")
        }
    }

    private func malformed(_ reply: APIReply, _ request: APIRequest, _ what: String) -> KVError {
        KVError(.malformedAnswer, "\(request.subject): \(what)", reply: replyFacts(reply, []))
    }

    private func failure(_ reply: APIReply, _ request: APIRequest) -> KVError {
        let envelope = try? Envelope(parsing: reply.body)
        let errors = envelope?.errors ?? []
        let facts = replyFacts(reply, errors)
        let code = KVError.Code(status: reply.status, errors: errors, isEnvelope: envelope != nil)
        let isChallenge = reply.headers["cf-mitigated"] == "challenge"
        let foreign =
            isChallenge
            ? "the answer is a challenge page for browsers, not the API's"
            : "the answer is an error, and not in the form of the API's"
        let phrase = code == .redirected ? redirection(reply) : envelope == nil ? foreign : code.phrase
        return KVError(code, "\(request.subject): \(phrase)", reply: facts)
    }

    /// Where an answer points to: a redirect is not followed, because the credentials are for nobody else.
    private func redirection(_ reply: APIReply) -> String {
        guard let target = reply.headers["location"], !target.isEmpty else {
            return "the answer is a redirect that names no target"
        }
        return "the answer is a redirect to \(redacted(target)), which is not followed"
    }

    /// An answer's facts without secrets: a server may echo what it was sent in any of them.
    private func redacted(_ reply: KVError.Reply) -> KVError.Reply {
        var reply = reply
        reply.errors = reply.errors.map(redacted)
        // Cut afterwards: half a token is not recognised as one.
        reply.ray = reply.ray.map { String(redaction.apply($0).prefix(64)) }
        return reply
    }

    private func redacted(_ message: APIMessage) -> APIMessage {
        var message = message
        message.message = redacted(message.message)
        message.chain = message.chain.map(redacted)
        return message
    }

    /// What a server says, without secrets and not too long.
    func redacted(_ message: String) -> String {
        // Cut afterwards: half a token is not recognised as one.
        String(redaction.apply(message).prefix(500))
    }

    private func replyFacts(_ reply: APIReply, _ errors: [APIMessage]) -> KVError.Reply {
        KVError.Reply(
            status: reply.status, errors: errors, ray: reply.headers["cf-ray"],
            retryAfterSeconds: reply.headers["retry-after"].flatMap(RetryAfter.seconds)
        )
    }
}
