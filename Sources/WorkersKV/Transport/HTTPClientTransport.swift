import AsyncHTTPClient
import NIOCore
import NIOHTTP1

/// The real transport: HTTP/1.1 (or 2) over a bounded pool of connections.
struct HTTPClientTransport: Transport {
    private let http: HTTPClient
    /// For requests that take the server long: the HTTP library has its patience for all requests of a client alike.
    private let patientHTTP: HTTPClient
    private let options: KVClientOptions

    init(options: KVClientOptions) {
        http = Self.client(options, stallTimeout: options.stallTimeout)
        patientHTTP = Self.client(options, stallTimeout: options.bulkStallTimeout)
        self.options = options
    }

    private static func client(_ options: KVClientOptions, stallTimeout: Duration) -> HTTPClient {
        var configuration = HTTPClient.Configuration(
            // A redirect would carry the token to a place nobody chose.
            redirectConfiguration: .disallow,
            timeout: .init(
                connect: TimeAmount(options.connectTimeout),
                read: TimeAmount(stallTimeout),
                write: TimeAmount(options.stallTimeout)
            )
        )
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = max(1, options.maximumConnections)
        // A refused connection is reported at once; whether to try again is the retry policy's business.
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.httpVersion = options.allowsHTTP2 ? .automatic : .http1Only
        if let proxy = options.proxy {
            let login = proxy.login.map {
                HTTPClient.Authorization.basic(username: $0.user, password: $0.password)
            }
            configuration.proxy = .server(host: proxy.host, port: proxy.port, authorization: login)
        }
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    func shutdown() async {
        // All that can go wrong is that a connection is closed already.
        try? await http.shutdown()
        try? await patientHTTP.shutdown()
    }

    func send(
        _ request: APIRequest, to baseURL: String, headers: [(name: String, value: String)]
    ) async throws -> APIReply {
        var message = HTTPClientRequest(url: baseURL + request.path + PercentEncoding.query(request.query))
        message.method = HTTPMethod(rawValue: request.method.rawValue)
        for (name, value) in headers { message.headers.add(name: name, value: value) }
        if let contentType = request.contentType { message.headers.add(name: "content-type", value: contentType) }
        if let body = request.body {
            message.body = .stream(body, length: .known(Int64(body.count)))
        }
        let client = request.kind.isBulkChange ? patientHTTP : http
        let deadline = NIODeadline.now() + TimeAmount(options.attemptTimeout(bodyBytes: request.body?.count ?? 0))
        do {
            return try await perform(message, on: client, answerLimit: request.answerLimit, deadline: deadline)
        } catch let error as KVError {
            throw error
        } catch {
            // A cancelled task sees the connection's own error as often as a cancellation.
            try Task.checkCancellation()
            throw TransportFailure.kvError(error, host: BaseURL.host(of: baseURL))
        }
    }

    private func perform(
        _ message: HTTPClientRequest, on client: HTTPClient, answerLimit: Int, deadline: NIODeadline
    ) async throws -> APIReply {
        let response = try await client.execute(message, deadline: deadline)
        var headers: [String: String] = [:]
        for (name, value) in response.headers { headers[name.lowercased()] = value }
        // A list may be spread over several lines.
        for name in ["ratelimit", "ratelimit-policy"] where headers[name] != nil {
            headers[name] = response.headers[name].joined(separator: ",")
        }
        let announced = headers["content-length"].flatMap { Int($0) }
        let body = try await collect(
            response, announced: announced ?? 0, limit: answerLimit, deadline: deadline, ray: headers["cf-ray"])
        return APIReply(
            status: Int(response.status.code), headers: headers, body: body,
            hasAnnouncedEnd: announced != nil || headers["transfer-encoding"] != nil || response.version.major >= 2
        )
    }
}

/// Reads a body to its end, as long as it goes on and is not too slow as a whole.
///
/// The HTTP library's deadline is for the head; between two pieces of the body it waits no longer than a stall may last.
///
/// - Throws: ``KVError`` with `malformedAnswer` when the connection breaks before the end: unlike a connection that cannot
///   be made, this says something of the one answer.
private func collect(
    _ response: HTTPClientResponse, announced: Int, limit: Int, deadline: NIODeadline, ray: String?
) async throws -> [UInt8] {
    let facts = KVError.Reply(status: Int(response.status.code), ray: ray)
    var body: [UInt8] = []
    body.reserveCapacity(min(announced, limit))
    do {
        for try await chunk in response.body {
            guard body.count + chunk.readableBytes <= limit else {
                throw KVError(
                    .tooLarge, "the answer is longer than \(limit) bytes, more than the API ever sends", reply: facts)
            }
            body.append(contentsOf: chunk.readableBytesView)
            guard NIODeadline.now() <= deadline else {
                throw KVError(.timedOut, "the answer came too slowly: \(body.count) bytes so far", reply: facts)
            }
        }
        // A body that ends because of a cancellation is not whole.
        try Task.checkCancellation()
        return body
    } catch let error as HTTPClientError where error == .readTimeout || error == .cancelled {
        throw error
    } catch let error where !(error is KVError || error is CancellationError) {
        throw KVError(.malformedAnswer, "the answer ended after \(body.count) bytes, before it was whole", reply: facts)
    }
}
