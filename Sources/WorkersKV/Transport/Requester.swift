import Logging

/// Sends requests, again where that helps, and turns answers into envelopes or errors.
struct Requester: Sendable {
    let options: KVClientOptions
    let transport: any Transport
    let counter = RequestCounter()
    private let redaction: Redaction
    private let headers: [(name: String, value: String)]

    init(options: KVClientOptions, transport: any Transport) {
        self.options = options
        self.transport = transport
        redaction = Redaction(options.credentials)
        headers = options.credentials.headers + [("user-agent", options.userAgent), ("accept", "*/*")]
    }

    /// Sends a request whose answer is an envelope.
    ///
    /// - Throws: ``KVError``; `CancellationError`.
    func envelope(_ request: APIRequest) async throws -> Envelope {
        try await send(request) { reply throws(KVError) in try checkedEnvelope(reply, request) }
    }

    /// Sends a request whose answer, if it succeeds, is a value's bytes.
    func bytes(_ request: APIRequest) async throws -> APIReply {
        try await send(request) { reply throws(KVError) in
            guard reply.status == 200 else { throw failure(reply, request) }
            try checkIsWhole(reply, request)
            return reply
        }
    }

    private func send<Result>(
        _ request: APIRequest, _ read: (APIReply) throws(KVError) -> Result
    ) async throws -> Result {
        var attempt = 1
        while true {
            counter.count(request.kind, isRetry: attempt > 1)
            do {
                return try read(try await transport.send(request, to: options.baseURL, headers: headers))
            } catch let error as KVError {
                let error = named(error, request)
                guard let pause = pause(after: error, attempt, request) else { throw error }
                options.logger.debug(
                    "request is sent again",
                    metadata: [
                        "request": "\(request.kind.rawValue)", "attempt": "\(attempt)", "pause": "\(pause)",
                        "code": "\(error.code)", "cf-ray": "\(error.reply?.ray ?? "-")",
                    ])
                options.onRetry?(error, pause, attempt)
                try await Task.sleep(for: pause)
                attempt += 1
            }
        }
    }

    private func pause(after error: KVError, _ attempt: Int, _ request: APIRequest) -> Duration? {
        options.retryPolicy.pause(
            after: error, attempt: attempt, isIdempotent: request.kind.isIdempotent, share: Double.random(in: 0...1))
    }

    /// Says what a request was about in an error that the transport could not name.
    private func named(_ error: KVError, _ request: APIRequest) -> KVError {
        var error = error
        if !error.message.contains(request.subject) { error.message = "\(request.subject): \(error.message)" }
        error.message = redaction.apply(error.message)
        error.cause = error.cause.map { RedactedCause(redaction.apply(String(describing: $0))) }
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
        guard envelope.isSuccess else { throw failure(reply, request) }
        return envelope
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
        let errors = (envelope?.errors ?? []).map {
            APIMessage(code: $0.code, message: redaction.apply(String($0.message.prefix(500))))
        }
        let facts = replyFacts(reply, errors)
        let code = KVError.Code(status: reply.status, errors: errors, isEnvelope: envelope != nil)
        let phrase = envelope == nil ? "the answer is an error, and not in the form of the API's" : code.phrase
        return KVError(code, "\(request.subject): \(phrase)", reply: facts)
    }

    private func replyFacts(_ reply: APIReply, _ errors: [APIMessage]) -> KVError.Reply {
        KVError.Reply(
            status: reply.status, errors: errors, ray: reply.headers["cf-ray"].map { String($0.prefix(64)) },
            retryAfterSeconds: reply.headers["retry-after"].flatMap(RetryAfter.seconds)
        )
    }
}
