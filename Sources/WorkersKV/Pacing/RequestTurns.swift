/// The turns that the requests of a client take: at the limit of requests, and at the free plan's daily quota.
struct RequestTurns: Sendable {
    /// What a request that may be sent holds.
    struct Permit: Sendable {
        var pace: PaceTicket
        var quota: PaceTicket?
    }

    private let pacer: Pacer
    /// The quota is the account's, so it stops this client only, not others with the same credentials.
    private let quotaGate: Pacer?
    private let watch: PauseWatch
    private let clock: PaceClock
    private let onPause: (@Sendable (Duration) -> Void)?

    init(options: KVClientOptions) {
        pacer = PacerRegistry.pacer(for: options)
        quotaGate =
            options.waitsForDailyQuota
            ? Pacer(policy: PacingPolicy(), isCloudflare: false, clock: options.clock) : nil
        watch = PauseWatch(clock: options.clock)
        clock = options.clock
        onPause = options.onPause
    }

    /// How long at least one request was waiting, in seconds.
    var pausedSeconds: Double { watch.pausedSeconds }

    /// Whether there is a limit of requests, as far as is known.
    var areLimited: Bool { pacer.isLimited }

    /// Waits until a request may be sent.
    func wait() async throws -> Permit {
        let quota: PaceTicket?
        if let quotaGate { quota = try await wait(at: quotaGate) } else { quota = nil }
        do {
            return Permit(pace: try await wait(at: pacer), quota: quota)
        } catch {
            if let quota { quotaGate?.failedWithoutAnswer(quota) }
            throw error
        }
    }

    private func wait(at pacer: Pacer) async throws -> PaceTicket {
        var isWaiting = false
        defer { if isWaiting { watch.leave() } }
        return try await pacer.waitForTurn { seconds, cause in
            if !isWaiting { watch.enter() }
            isWaiting = true
            if watch.isNews(seconds, cause) { onPause?(.bounded(seconds: seconds)) }
        }
    }

    /// Learns from an answer.
    ///
    /// - Parameters:
    ///   - permit: The request's.
    ///   - reply: The answer.
    ///   - isRefused: Whether it says that the limit is used up; ``block(for:)`` is called next then.
    /// - Returns: When the limit is over, in seconds from now, as far as is known.
    func answered(_ permit: Permit, _ reply: APIReply, isRefused: Bool) -> Double? {
        let limits = RateLimits(headers: reply.headers, unixNow: clock.unixNow())
        pacer.answered(permit.pace, limits, isRefused: isRefused)
        if let quota = permit.quota { quotaGate?.answered(quota, RateLimits()) }
        return limits.reset ?? pacer.windowSeconds
    }

    /// Stops the requests of everybody who shares the limit.
    func block(for pause: Duration) { pacer.block(for: pause) }

    /// Stops the client's requests until the daily quota is there again, if it is to be waited for.
    ///
    /// - Returns: For how long; `nil` when it is not waited for.
    func blockForDailyQuota() -> Duration? {
        guard let quotaGate else { return nil }
        let pause = Duration.bounded(seconds: DailyQuota.secondsToWait(unixNow: clock.unixNow()))
        quotaGate.block(for: pause)
        return pause
    }

    /// Learns that nothing will come back for a request.
    func failedWithoutAnswer(_ permit: Permit) {
        pacer.failedWithoutAnswer(permit.pace)
        if let quota = permit.quota { quotaGate?.failedWithoutAnswer(quota) }
    }
}
