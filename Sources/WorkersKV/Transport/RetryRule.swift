import KVModel

/// What is done about one kind of failure.
struct RetryRule: Sendable {
    /// How often a request is sent again for it; without a number, as often as the policy allows attempts.
    var mostRepetitions: Int?
    /// Whether the server is known not to have acted on the request, so that any request may be repeated.
    var isHarmless = false
    /// Whether it ends by itself, at a time that may be known, and for all requests at once.
    var isLimit = false

    /// The API's limit of requests is used up: everybody waits, and nothing was done.
    private static let limit = RetryRule(isHarmless: true, isLimit: true)
    /// It may have been bad luck.
    private static let passing = RetryRule()
    /// Most likely final, and seen to pass all the same.
    private static let blip = RetryRule(mostRepetitions: 1)

    private static let rules: [KVError.Code: RetryRule] = [
        .rateLimited: limit,
        .serverFailed: passing,
        .timedOut: passing,
        .connectionFailed: passing,
        .malformedAnswer: passing,
    ]

    /// The rule for a failure; `nil` when it is final.
    static func rule(for error: KVError) -> RetryRule? {
        if let rule = rules[error.code] { return rule }
        guard let reply = error.reply else { return nil }
        switch reply.status {
        case 408 where error.code == .refused: return passing
        // The API is known to reject valid tokens now and then.
        case 401, 403: return reply.has(.authentication) && error.code == .unauthorized ? blip : nil
        default: return nil
        }
    }
}
