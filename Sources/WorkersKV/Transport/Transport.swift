import KVHTTP

/// A request as the API sees it.
struct APIRequest: Sendable {
    enum Method: String, Sendable { case get = "GET", put = "PUT", post = "POST", delete = "DELETE" }

    var kind: RequestKind
    var method: Method
    /// Below the base URL, percent-encoded, starting with a slash.
    var path: String
    var query: [(name: String, value: String)] = []
    var body: HTTPBody?
    var contentType: String?
    /// The largest answer that is read; a larger one is an error, so that no server can fill the memory.
    var answerLimit = APIRequest.envelopeLimit
    /// What the request is about, for messages: `the value of key "a" in namespace 0f2a…`.
    var subject: String

    /// Enough for 1,000 keys with metadata, all of it escaped.
    static let envelopeLimit = 32 * 1024 * 1024
}

/// An answer with its body, whole.
struct APIReply: Sendable {
    var status: Int
    /// Names in lower case.
    var headers: [String: String]
    var body: [UInt8]
    /// Whether the end of the body was announced (by a length, by chunks or by HTTP/2), so that a cut would have shown.
    var hasAnnouncedEnd = true
    /// How often the request was sent for it: twice when the server refused only the question whether it may be.
    var timesSent = 1
}

/// Sends one request once.
protocol Transport: Sendable {
    /// Sends a request and reads the whole answer.
    ///
    /// - Throws: ``KVError`` with `connectionFailed`, `tlsFailed`, `timedOut`, `malformedAnswer`, `tooLarge` or
    ///   `invalidOptions`; `CancellationError`. Whether the server has acted on the request is not known then.
    func send(_ request: APIRequest, to baseURL: String, headers: [(name: String, value: String)]) async throws
        -> APIReply
}
