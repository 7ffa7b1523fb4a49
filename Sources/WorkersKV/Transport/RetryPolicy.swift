/// Whether and when a failed request is sent again.
///
/// Repeated are: 429 (after `Retry-After` where the API says one), 408, 5xx, broken connections, time-outs, answers that
/// are not whole and failures without a reason, as long as repeating is harmless; and once, 401 and 403 with code 10000.
/// Not repeated are refusals, and the free plan's daily quota (code 10048), which comes back at 00:00 UTC only.
public struct RetryPolicy: Hashable, Sendable {
    /// How often a request is sent at the most.
    public var maximumAttempts = 8
    /// How many attempts may fail for another reason than a limit of the API, which ends by itself.
    package var maximumFailures = Int.max
    /// How many repetitions the requests of a client have together.
    ///
    /// Each takes one, those after a 429 excepted, and each request that succeeds gives one back.
    public var budget = 200
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
        guard let rule = RetryRule.rule(for: error),
            allows(
                rule, attempt: attempt, failures: rule.isLimit ? 0 : attempt, repetitions: attempt - 1,
                isIdempotent: isIdempotent)
        else { return nil }
        return pause(after: error, rule, attempt: attempt, share: share)
    }

    /// Whether there is another attempt.
    ///
    /// - Parameters:
    ///   - rule: What is done about the failure of the last attempt.
    ///   - attempt: How many attempts were made.
    ///   - failures: How many of them have failed for another reason than a limit.
    ///   - repetitions: How many of them were made for the same kind of failure.
    ///   - isIdempotent: Whether the request may be repeated when it is not known if the server has acted on it.
    /// - Returns: Whether the policy allows it.
    func allows(_ rule: RetryRule, attempt: Int, failures: Int, repetitions: Int, isIdempotent: Bool) -> Bool {
        guard attempt < maximumAttempts, rule.isLimit || failures < maximumFailures else { return false }
        return repetitions < rule.mostRepetitions ?? .max && (isIdempotent || rule.isHarmless)
    }

    /// The pause alone, whether or not there is another attempt after it.
    ///
    /// - Parameters:
    ///   - error: Why the last attempt failed.
    ///   - rule: What is done about it.
    ///   - attempt: How many attempts were made.
    ///   - share: A random number from 0 to 1.
    ///   - limitEnds: When the server's limit is over, where an answer without `Retry-After` says it otherwise.
    /// - Returns: The pause, or `nil` when the API asks for one that is too long.
    func pause(
        after error: KVError, _ rule: RetryRule, attempt: Int, share: Double, limitEnds: Duration? = nil
    ) -> Duration? {
        let doublings = min(max(0, attempt.subtractingBounded(1)), 16)
        // Those who were stopped at the same instant do not come back at the same instant.
        let own = min(soundFirstPause * (1 << doublings), longestPause) * share
        let late = rule.isLimit ? soundFirstPause * share : own
        if let seconds = error.reply?.retryAfterSeconds {
            let asked = Duration.seconds(max(0, seconds))
            return asked <= longestRetryAfter ? asked + late : nil
        }
        guard rule.isLimit else { return own }
        // A short pause would only prolong the block.
        let blind = limitEnds.map { max($0, .seconds(1)) } ?? (soundFirstPause * (40 << doublings))
        return min(blind, longestBlindWait) + late
    }

    /// The pause before what the API did not take, or did not do, is sent once more in another request.
    ///
    /// - Parameter round: How often it was sent, from 1.
    /// - Returns: The pause.
    package func pause(afterRound round: Int) -> Duration { soundFirstPause * (1 << min(max(0, round), 16)) }

    /// The first pause, of which multiples can be made.
    private var soundFirstPause: Duration { min(max(firstPause, .zero), .seconds(86_400)) }
}
