/// What has become of a request so far.
struct AttemptHistory {
    /// Attempts, the present one included.
    var attempts = 1
    /// Why the last attempt failed.
    var cause: KVError.Code?
    /// When the server's limit is over, as of the last answer.
    var limitEnds: Double?
    /// How many attempts have failed for another reason than a limit of the API, the present one included.
    private(set) var failures = 0
    /// Whether one of the attempts before may have been acted on by the server.
    private(set) var hasUnknownOutcome = false
    private var repetitions: [KVError.Code: Int] = [:]

    /// How often the request was sent again for this kind of failure.
    func repetitions(for error: KVError) -> Int { repetitions[error.code, default: 0] }

    mutating func failed(_ rule: RetryRule?) {
        if rule?.isLimit != true { failures += 1 }
    }

    mutating func willRepeat(_ error: KVError) {
        attempts += 1
        hasUnknownOutcome = hasUnknownOutcome || !error.hasChangedNothing
        repetitions[error.code, default: 0] += 1
        cause = error.code
    }

    /// For a failure that is not the request's own and costs it no attempt.
    mutating func willRepeatWithoutCounting(_ error: KVError) { cause = error.code }
}
