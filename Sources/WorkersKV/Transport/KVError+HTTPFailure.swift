import KVHTTP

extension KVError {
    /// The client's error for a request that came to no answer.
    init(_ failure: HTTPFailure) {
        let code = Self.codes[failure.code] ?? .connectionFailed
        self.init(
            code, failure.message,
            reply: failure.status.map {
                Reply(status: $0, ray: failure.headers["cf-ray"])
            },
            cause: failure.detail.map { RedactedCause($0) })
        if code == .tooLarge { message += ", more than the API ever sends" }
    }

    private static let codes: [HTTPFailure.Code: Code] = [
        .connectionFailed: .connectionFailed,
        .tlsFailed: .tlsFailed,
        .timedOut: .timedOut,
        .answerTooLarge: .tooLarge,
        .malformedAnswer: .malformedAnswer,
        .invalidRequest: .invalidOptions,
    ]
}
