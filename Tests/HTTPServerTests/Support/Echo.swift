import HTTPServer
import Synchronization

/// What a server's `admit` was called with.
final class Admissions: Sendable {
    private let heads = Mutex<[RequestHead]>([])

    /// The heads so far.
    var all: [RequestHead] { heads.withLock { $0 } }

    func add(_ head: RequestHead) { heads.withLock { $0.append(head) } }
}

/// Runs a server that answers with what it was sent: its body, and in fields what was understood of the rest.
@discardableResult
func withEcho<Result>(
    bodyLimit: Int? = 1 << 20, admissions: Admissions = Admissions(),
    _ change: (inout ServerOptions) -> Void = { _ in },
    _ body: (Server) async throws -> Result
) async throws -> Result {
    var options = ServerOptions()
    change(&options)
    return try await withHTTPServer(options) { head in
        admissions.add(head)
        let respond: @Sendable (ReceivedBody) async -> Response = { body in
            Response(
                status: bodyLimit == nil ? 403 : body.isTooLarge ? 413 : 200,
                fields: [
                    ("X-Method", head.method), ("X-Target", head.target), ("X-Received", "\(body.received)"),
                ], body: body.bytes)
        }
        return bodyLimit.map { .take(bodyUpTo: $0, respond) } ?? .refuse(respond)
    } _: {
        try await body($0)
    }
}

/// Runs a server that makes each answer with a closure.
@discardableResult
func withResponder<Result>(
    _ options: ServerOptions = ServerOptions(), _ respond: @escaping @Sendable (RequestHead) async -> Response,
    _ body: (Server) async throws -> Result
) async throws -> Result {
    try await withHTTPServer(options) { head in
        .take(bodyUpTo: 1 << 20) { _ in await respond(head) }
    } _: {
        try await body($0)
    }
}

/// Options that differ from the defaults.
func options(_ change: (inout ServerOptions) -> Void) -> ServerOptions {
    var options = ServerOptions()
    change(&options)
    return options
}

/// The bytes of a request.
func request(_ method: String, _ target: String, _ fields: String..., body: String? = nil) -> String {
    let length = body.map { "Content-Length: \($0.utf8.count)\r\n" } ?? ""
    let lines = fields.map { "\($0)\r\n" }.joined()
    return "\(method) \(target) HTTP/1.1\r\nHost: test\r\n\(lines)\(length)\r\n\(body ?? "")"
}

extension Server {
    /// Sends a text on a connection of its own and reads the answer; `nil` if the connection ends instead.
    func answer(_ text: String) async throws -> RawAnswer? {
        let client = try RawClient(port: port)
        try await client.send(text)
        return try await client.receive()
    }

    /// Waits until no request is in flight.
    func becomesIdle() async { while requestsInFlight > 0 { await Task.yield() } }
}
