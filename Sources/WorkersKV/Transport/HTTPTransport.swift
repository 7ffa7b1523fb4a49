import KVHTTP

/// The real transport: HTTP/1.1 (or 2) over a bounded pool of connections.
struct HTTPTransport: Transport {
    let http: HTTPClient
    let options: KVClientOptions

    func send(
        _ request: APIRequest, to baseURL: String, headers: [(name: String, value: String)]
    ) async throws -> APIReply {
        var message = HTTPRequest(
            method: request.method.rawValue,
            url: baseURL + request.path + PercentEncoding.query(request.query),
            answerLimit: request.answerLimit,
            stallTimeout: request.kind.isBulkChange ? options.bulkStallTimeout : options.stallTimeout,
            attemptTimeout: options.attemptTimeout(bodyBytes: request.body?.count ?? 0),
            mayBeSentTwice: request.kind.isIdempotent)
        message.headers = headers
        if let contentType = request.contentType { message.headers.append(("content-type", contentType)) }
        message.body = request.body
        do {
            return APIReply(try await http.send(message))
        } catch let failure as HTTPFailure {
            // A cancellation may cross with the connection's own error.
            try Task.checkCancellation()
            throw KVError(failure)
        }
    }
}

extension HTTPOptions {
    /// What of a client's options concerns its connections.
    init(_ options: KVClientOptions) {
        self.init()
        connectTimeout = options.connectTimeout
        maximumConnections = options.maximumConnections
        allowsHTTP2 = options.allowsHTTP2
        certificateFile = options.certificateFile
        proxy = options.proxy.map { proxy in
            let login = proxy.login.map { Login(user: $0.user, password: $0.password) }
            return Proxy(host: proxy.host, port: proxy.port, login: login)
        }
    }
}

extension APIReply {
    fileprivate init(_ reply: HTTPReply) {
        var headers: [String: String] = [:]
        for (name, value) in reply.headers.lines { headers[name] = value }
        // A list may be spread over several lines.
        for name in ["ratelimit", "ratelimit-policy"] where headers[name] != nil {
            headers[name] = reply.headers.list(name)
        }
        self.init(
            status: reply.status, headers: headers, body: reply.body, hasAnnouncedEnd: reply.hasAnnouncedEnd,
            timesSent: reply.timesSent)
    }
}
