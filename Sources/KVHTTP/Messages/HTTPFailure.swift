/// A request that came to no answer.
///
/// Whether the server has acted on the request is not known then, unless the code says so.
package struct HTTPFailure: Error, Sendable, CustomStringConvertible {
    /// What went wrong, for programs.
    package var code: Code
    /// What went wrong, for people: it names the host, and nothing of the request.
    package var message: String
    /// The status of the answer whose head was there when it went wrong.
    package var status: Int?
    /// The headers of that answer.
    package var headers = HTTPHeaders()
    /// The HTTP library's own words, where they say more than the message.
    package var detail: String?

    /// Describes a failure.
    package init(_ code: Code, _ message: String, detail: String? = nil) {
        self.code = code
        self.message = message
        self.detail = detail
    }

    /// The message with the library's own words.
    package var description: String { detail.map { "\(message): \($0)" } ?? message }

    /// What kind of failure it was; more kinds may come.
    package struct Code: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
        /// The kind in kebab case.
        package let rawValue: String

        /// Wraps a kind.
        package init(rawValue: String) { self.rawValue = rawValue }

        private init(_ rawValue: String) { self.rawValue = rawValue }

        /// The kind in kebab case.
        package var description: String { rawValue }

        /// Lets a `catch` clause name a code: `catch HTTPFailure.Code.timedOut`.
        package static func ~= (code: Self, error: any Error) -> Bool { (error as? HTTPFailure)?.code == code }

        /// The connection could not be made, or broke before there was an answer; another attempt may succeed.
        package static let connectionFailed = Code("connection-failed")
        /// The server's certificate was not accepted, or TLS failed in another way that will not change; nothing was sent.
        package static let tlsFailed = Code("tls-failed")
        /// The connection was not made in time, or nothing went over it for too long, or all of it took too long.
        package static let timedOut = Code("timed-out")
        /// The answer is longer than the request allows.
        package static let answerTooLarge = Code("answer-too-large")
        /// What came is not HTTP, or not all of an answer.
        package static let malformedAnswer = Code("malformed-answer")
        /// The request or the client's options make no request possible; nothing was sent.
        package static let invalidRequest = Code("invalid-request")
    }
}
