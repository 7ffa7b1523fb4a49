import KVModel

/// A request to the Workers KV API that did not do what was asked.
///
/// Branch on ``code``; show ``description`` to people. No token ever appears in an error.
public struct KVError: Error, Sendable {
    /// What went wrong, for programs.
    public var code: Code
    /// What went wrong, for people: one sentence that names the namespace or key, without values or tokens.
    public var message: String
    /// What the API said, if it answered.
    public var reply: Reply?
    /// The failure underneath, such as a broken connection.
    public var cause: (any Error)?
    /// Whether the request would have been sent again, had the client's budget of repetitions not been used up.
    ///
    /// Then so much else has failed that the failure says nothing of this one request.
    public var isForWantOfRetries = false
    /// Whether an earlier attempt at the same request ended in a way that leaves open whether the server has acted on it.
    package var followsUnknownOutcome = false

    /// Describes a failure.
    public init(_ code: Code, _ message: String, reply: Reply? = nil, cause: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.reply = reply
        self.cause = cause
    }

    /// What an answer of the API said about a failure.
    public struct Reply: Hashable, Sendable {
        /// The HTTP status.
        public var status: Int
        /// The `errors` of the envelope, in the API's order; none when the answer was not an envelope.
        public var errors: [APIMessage]
        /// The `cf-ray` header, which Cloudflare's support asks for.
        public var ray: String?
        /// How long the API asks to wait (`Retry-After`), in seconds.
        public var retryAfterSeconds: Int64?

        /// Puts a reply together.
        public init(status: Int, errors: [APIMessage] = [], ray: String? = nil, retryAfterSeconds: Int64? = nil) {
            self.status = status
            self.errors = errors
            self.ray = ray
            self.retryAfterSeconds = retryAfterSeconds
        }

        /// Whether the API gave this code.
        public func has(_ code: APICode) -> Bool { errors.contains { $0.code == code } }
    }
}

/// A numbered message in the envelope of an answer.
public struct APIMessage: Hashable, Sendable {
    /// The number.
    public var code: APICode
    /// The text.
    public var message: String
    /// What lies behind it (`error_chain`), such as the header that makes request headers invalid.
    public var chain: [APIMessage] = []

    /// Puts a message together.
    public init(code: APICode, message: String) {
        self.code = code
        self.message = message
    }
}

extension KVError {
    /// What kind of failure it was; more kinds may come.
    public struct Code: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
        /// The kind in kebab case, as machine-readable output spells it.
        public let rawValue: String

        /// Wraps a kind.
        public init(rawValue: String) { self.rawValue = rawValue }

        private init(_ rawValue: String) { self.rawValue = rawValue }

        /// The kind in kebab case.
        public var description: String { rawValue }

        /// Lets a `catch` clause name a code: `catch KVError.Code.rateLimited`.
        public static func ~= (code: Self, error: any Error) -> Bool { (error as? KVError)?.code == code }

        /// The key does not exist (404, code 10009).
        public static let keyNotFound = Code("key-not-found")
        /// The namespace does not exist (404, code 10013, or 400, code 10011).
        public static let namespaceNotFound = Code("namespace-not-found")
        /// The path leads nowhere, most often because the account id is wrong (404, codes 7000 and 7003).
        public static let routeNotFound = Code("route-not-found")
        /// The credentials are missing, wrong or not sufficient (401, 403, codes 10000, 6003, 9109 and others).
        public static let unauthorized = Code("unauthorized")
        /// The request limit of the account is used up (429).
        public static let rateLimited = Code("rate-limited")
        /// The free plan's quota is used up until 00:00 UTC (code 10048).
        public static let dailyQuotaUsed = Code("daily-quota-used")
        /// The request or the answer would be larger than the API allows (413).
        public static let tooLarge = Code("too-large")
        /// A bulk get met a value that is not text (code 10029).
        public static let nonTextValue = Code("non-text-value")
        /// Another namespace has the title (code 10014).
        public static let titleTaken = Code("title-taken")
        /// The list cursor is not valid any more (code 10041).
        public static let invalidCursor = Code("invalid-cursor")
        /// The key is one that KV does not allow; refused before sending or by the API (codes 10030 and 10042).
        public static let invalidKey = Code("invalid-key")
        /// The expiration is in the past or less than 60 seconds ahead (codes 10033 and 10034).
        public static let invalidExpiration = Code("invalid-expiration")
        /// The metadata is not JSON or too long (code 10047).
        public static let invalidMetadata = Code("invalid-metadata")
        /// The API refused the request for another reason; see the reply.
        public static let refused = Code("refused")
        /// The API failed (5xx).
        public static let serverFailed = Code("server-failed")
        /// The server wants the request to go to another address, where the credentials are not sent (3xx).
        public static let redirected = Code("redirected")
        /// The answer is not one the API gives: HTML, truncated JSON, a compressed body.
        public static let malformedAnswer = Code("malformed-answer")
        /// The connection could not be made or broke.
        public static let connectionFailed = Code("connection-failed")
        /// The server's certificate was not accepted, or TLS failed in another way.
        public static let tlsFailed = Code("tls-failed")
        /// No answer within the limits of ``KVClientOptions``.
        public static let timedOut = Code("timed-out")
        /// The client's options or an argument make no request possible.
        public static let invalidOptions = Code("invalid-options")
    }
}

extension KVError: CustomStringConvertible {
    /// The message, what the API said and its ray; all that cannot be seen in it is escaped, so that it can be shown on a
    /// terminal.
    public var description: String {
        var text = message
        if let reply {
            var facts = ["HTTP \(reply.status)"]
            facts += reply.errors.map(\.description)
            if let ray = reply.ray { facts.append("cf-ray \(ray)") }
            text += " (\(facts.joined(separator: "; ")))"
        } else if let cause {
            text += ": \(cause)"
        }
        return VisibleText.escaped(text)
    }
}

extension APIMessage: CustomStringConvertible {
    /// The code and the text, and those of the messages behind it.
    public var description: String {
        let behind = chain.isEmpty ? "" : " (\(chain.map(\.description).joined(separator: "; ")))"
        return "code \(code): \(message)\(behind)"
    }
}
