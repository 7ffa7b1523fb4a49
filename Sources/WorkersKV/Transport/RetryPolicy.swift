/// Whether and when a failed request is sent again.
///
/// Repeated are: 429 (after `Retry-After` where the API says one), 408, 5xx, broken connections, time-outs and answers
/// that are not whole, as long as repeating is harmless. Not repeated are refusals, and the free plan's daily quota
/// (code 10048), which comes back at 00:00 UTC only.
public struct RetryPolicy: Hashable, Sendable {
    /// How often a request is sent at the most.
    public var maximumAttempts = 6
    /// The longest first pause; it doubles with each attempt, and the real pause is a random share of it.
    public var firstPause: Duration = .milliseconds(500)
    /// The longest pause of the client's own choosing.
    public var longestPause: Duration = .seconds(30)
    /// The longest `Retry-After` that is waited for.
    ///
    /// The API's window is five minutes.
    public var longestRetryAfter: Duration = .seconds(900)

    /// The longest pause after a 429 that does not say how long to wait.
    public var longestBlindWait: Duration = .seconds(300)

    /// The default policy.
    public init() {}

    /// How long to wait before the next attempt.
    ///
    /// - Parameters:
    ///   - error: Why the last attempt failed.
    ///   - attempt: How many attempts were made, 1 after the first.
    ///   - isIdempotent: Whether the request may be repeated when it is not known if the server has acted on it.
    ///   - share: A random number from 0 to 1.
    /// - Returns: The pause, or `nil` when the error is final.
    public func pause(after error: KVError, attempt: Int, isIdempotent: Bool, share: Double) -> Duration? {
        guard attempt < maximumAttempts, isPassing(error, isIdempotent: isIdempotent) else { return nil }
        let doublings = min(attempt - 1, 16)
        let own = min(firstPause * (1 << doublings), longestPause) * share
        if let seconds = error.reply?.retryAfterSeconds {
            let asked = Duration.seconds(max(0, seconds))
            // A little later than asked, so that all who wait do not come back at the same instant.
            return asked <= longestRetryAfter ? asked + own : nil
        }
        // The API's window is five minutes; a short pause would only prolong the block.
        guard error.code == .rateLimited else { return own }
        return min(firstPause * (40 << doublings), longestBlindWait) + own
    }

    private func isPassing(_ error: KVError, isIdempotent: Bool) -> Bool {
        switch error.code {
        case .rateLimited: true
        case .serverFailed, .timedOut, .malformedAnswer, .connectionFailed: isIdempotent
        default: isIdempotent && error.reply?.status == 408
        }
    }
}
