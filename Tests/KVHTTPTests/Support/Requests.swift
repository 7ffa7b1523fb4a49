import KVHTTP
import Testing

extension HTTPRequest {
    /// A request with generous limits, so that only a fault that is meant ends it.
    init(_ method: String, _ url: String, body: HTTPBody? = nil, _ change: (inout HTTPRequest) -> Void = { _ in }) {
        self.init(
            method: method, url: url, answerLimit: 1 << 20, stallTimeout: .seconds(40), attemptTimeout: .seconds(50),
            mayBeSentTwice: true)
        self.body = body
        change(&self)
    }

    /// A `GET` with generous limits.
    static func get(_ url: String, _ change: (inout HTTPRequest) -> Void = { _ in }) -> HTTPRequest {
        HTTPRequest("GET", url, change)
    }

    /// A `PUT` with generous limits.
    static func put(_ url: String, _ bytes: [UInt8], _ change: (inout HTTPRequest) -> Void = { _ in }) -> HTTPRequest {
        HTTPRequest("PUT", url, body: .bytes(bytes), change)
    }
}

extension HTTPOptions {
    /// Options with something changed; connections have more time than machines need that are busy.
    static func with(_ change: (inout HTTPOptions) -> Void = { _ in }) -> HTTPOptions {
        var options = HTTPOptions()
        options.connectTimeout = .seconds(40)
        change(&options)
        return options
    }

    /// Options of a client that trusts the tests' own authority.
    static func trusting(_ change: (inout HTTPOptions) -> Void = { _ in }) async throws -> HTTPOptions {
        let file = try await PeerProcess.shared.value.certificate("ca")
        return .with {
            $0.certificateFile = file
            change(&$0)
        }
    }
}

extension HTTPClient {
    /// The error that a request must end with.
    func failure(of request: HTTPRequest) async throws -> HTTPFailure {
        do {
            let reply = try await send(request)
            throw PeerProcess.Failure(description: "the request was answered with \(reply.status)")
        } catch let error as HTTPFailure {
            return error
        }
    }
}

/// The answer to a request with a client of its own.
func reply(to request: HTTPRequest, _ options: HTTPOptions = .with()) async throws -> HTTPReply {
    try await withHTTPClient(options) { try await $0.send(request) }
}

/// The error that a request must end with, with a client of its own.
func failure(of request: HTTPRequest, _ options: HTTPOptions = .with()) async throws -> HTTPFailure {
    try await withHTTPClient(options) { try await $0.failure(of: request) }
}
