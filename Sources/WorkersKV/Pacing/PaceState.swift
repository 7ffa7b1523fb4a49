/// Decides when a request may be sent; knows neither clocks nor tasks.
///
/// Two things hold requests back. A bucket of tokens spreads them: it fills at the rate at which what is left of the
/// server's window lasts until its end. And the server's own count of what is left, lowered by what is on its way, ends
/// them before the limit is reached. Both follow the answers, so that requests of others slow this client down at once.
///
/// All times are seconds of one monotonic clock.
package struct PaceState: Sendable {
    /// The budget of requests that the server counts down, as far as it is known.
    struct Window: Sendable {
        var remaining: Double
        var resetAt: Double
        /// The first request of the window; what older requests bring back is out of date.
        var openedBy: Int
    }

    /// How long the next request may be unanswered before another is sent to find out what the server says.
    ///
    /// Only for a request that takes long by itself, such as the upload of a hundred megabytes.
    static let longestProbe = 5.0
    /// How often to look whether a probe was answered.
    static let probePoll = 0.03
    /// How much later than known the end of a window must be to be another window's; ends are rounded to seconds.
    static let resetTolerance = 1.5

    /// A limit of more requests in a second than this one leaves a client as fast as it is.
    static let feltRate = 100.0

    private(set) var policies: Set<PacingPolicy>
    private(set) var quota: Double?
    private(set) var windowSeconds: Double?
    private(set) var window: Window?
    private(set) var tokens: Double
    private var refilledAt = 0.0
    private(set) var blockedUntil = -Double.infinity
    /// Whether one request must be answered before others go, because of a 429.
    private var needsProbe = false
    private var probe: PaceTicket?
    private var ticketCount = 0

    /// Starts without a request sent.
    ///
    /// - Parameters:
    ///   - policy: How much of the limit to use.
    ///   - isCloudflare: Whether the server is Cloudflare's own, whose limit is known before it says so.
    package init(policy: PacingPolicy, isCloudflare: Bool) {
        policies = [policy]
        if isCloudflare, policy.requestsPerFiveMinutes == nil {
            quota = 1200
            windowSeconds = 300
        }
        tokens = .infinity
        tokens = capacity
    }

    /// Respects another policy too.
    package mutating func tighten(by policy: PacingPolicy) {
        policies.insert(policy)
        tokens = min(tokens, capacity)
    }

    /// Whether there is a limit of requests that a client feels, the server's or the user's own.
    ///
    /// A server may declare one that nobody reaches.
    package var isLimited: Bool {
        if policies.contains(where: { $0.requestsPerFiveMinutes != nil }) { return true }
        guard let quota else { return false }
        return quota < Self.feltRate * (windowSeconds ?? 300)
    }

    /// How many requests of the server's window are left, as far as is known.
    package var remaining: Double? { window?.remaining }
}

// MARK: - Permissions

extension PaceState {
    /// Permits a request, or says how long to wait before asking again.
    package mutating func turn(at now: Double) -> PaceTurn {
        refill(at: now)
        if now < blockedUntil { return .wait(blockedUntil - now, .blocked) }
        if window == nil, let quota, let windowSeconds {
            window = Window(remaining: quota, resetAt: now + windowSeconds, openedBy: ticketCount)
        }
        if needsProbe || window.map({ now >= $0.resetAt }) == true { return probeTurn(at: now) }
        if let window, window.remaining - 1 < floor { return .wait(window.resetAt - now, .reserve) }
        // A token's last billionth may be lost to rounding, and waiting for it would be endless.
        if tokens < 1 - 1e-9 { return .wait(secondsToToken(at: now), .spacing) }
        return .go(permit(at: now, isProbe: false))
    }

    private mutating func probeTurn(at now: Double) -> PaceTurn {
        if let probe, now < probe.sentAt + Self.longestProbe { return .wait(Self.probePoll, .probe) }
        let ticket = permit(at: now, isProbe: true)
        probe = ticket
        return .go(ticket)
    }

    private mutating func permit(at now: Double, isProbe: Bool) -> PaceTicket {
        ticketCount += 1
        tokens = max(0, tokens - 1)
        if let remaining = window?.remaining { window?.remaining = max(0, remaining - 1) }
        return PaceTicket(number: ticketCount, sentAt: now, isProbe: isProbe)
    }

    private mutating func refill(at now: Double) {
        if now > refilledAt, tokens < capacity { tokens = min(capacity, tokens + rate(at: now) * (now - refilledAt)) }
        refilledAt = max(refilledAt, now)
    }

    private func secondsToToken(at now: Double) -> Double {
        let wait = max(0.001, (1 - tokens) / rate(at: now))
        // When the window is over before that, the next one decides.
        return window.map { min(wait, max(0.001, $0.resetAt - now)) } ?? wait
    }
}

// MARK: - Rates

extension PaceState {
    /// How many requests of the server's window are not ours.
    var floor: Double { quota.map { quota in policies.map { $0.floor(of: quota) }.max() ?? 0 } ?? 0 }

    /// How many requests may follow each other without a pause.
    private var capacity: Double { policies.map { $0.burst(ofQuota: quota) }.min() ?? .infinity }

    /// Tokens per second.
    private func rate(at now: Double) -> Double {
        policies.map { $0.ownRate ?? rateOfWindow(at: now) }.min() ?? .infinity
    }

    /// The rate at which what is left of the window lasts until its end.
    ///
    /// Not much above the rate at which a whole window lasts: a window's last seconds must not become a burst.
    private func rateOfWindow(at now: Double) -> Double {
        guard let quota, let windowSeconds else { return .infinity }
        let steady = 1.5 * (quota - floor) / windowSeconds
        guard let window, window.resetAt > now else { return steady }
        return min(steady, max(0, window.remaining - floor) / (window.resetAt - now))
    }
}

// MARK: - Answers

extension PaceState {
    /// Learns from an answer, whatever its status.
    ///
    /// - Parameters:
    ///   - ticket: The request.
    ///   - limits: What the answer says.
    ///   - isRefused: Whether it is a 429.
    ///   - now: The time.
    package mutating func answered(_ ticket: PaceTicket, _ limits: RateLimits, isRefused: Bool = false, at now: Double)
    {
        refill(at: now)
        let isProbe = release(ticket)
        needsProbe = isRefused || (needsProbe && !isProbe)
        learnQuota(limits)
        if let remaining = limits.remaining, let reset = limits.reset ?? windowSeconds {
            learn(remaining, reset, ticket, now)
        } else if isProbe, !isRefused, let quota, let windowSeconds {
            // The server says no more what is left: as far as anyone can know, a whole window.
            window = Window(remaining: quota - 1, resetAt: now + windowSeconds, openedBy: ticket.number)
        }
    }

    /// Learns that nothing will come back for a request.
    package mutating func failedWithoutAnswer(_ ticket: PaceTicket) { _ = release(ticket) }

    /// Stops all requests for some seconds, and lets a single one go first afterwards.
    package mutating func block(for seconds: Double, at now: Double) {
        guard seconds.isFinite else { return }
        blockedUntil = max(blockedUntil, now + seconds)
        needsProbe = true
    }

    /// Lets another request be the probe if this one was.
    private mutating func release(_ ticket: PaceTicket) -> Bool {
        guard ticket.isProbe else { return false }
        if let current = probe, current.number <= ticket.number { probe = nil }
        return true
    }

    private mutating func learnQuota(_ limits: RateLimits) {
        let wasUnlimited = quota == nil
        // Without a policy, what is left and for how long is the least that the limit can be.
        if let declared = limits.quota ?? limits.remaining.map({ max(quota ?? 0, $0 + 1) }) { quota = declared }
        if let declared = limits.window ?? limits.reset.map({ max(windowSeconds ?? 1, $0) }) {
            windowSeconds = declared
        }
        // The requests that went before the limit was known were a burst.
        if wasUnlimited, tokens == .infinity { tokens = max(0, capacity - Double(ticketCount)) }
        tokens = min(tokens, capacity)
    }

    private mutating func learn(_ remaining: Double, _ reset: Double, _ ticket: PaceTicket, _ now: Double) {
        guard let known = window, now < known.resetAt,
            // Counted from the sending: an answer that took long to arrive would seem to speak of a later end.
            ticket.sentAt + reset <= known.resetAt + Self.resetTolerance
        else {
            window = Window(remaining: remaining, resetAt: now + reset, openedBy: ticket.number)
            return
        }
        guard ticket.number >= known.openedBy else { return }
        // Answers overtake each other, so within a window the lowest count and the earliest end are the true ones.
        window?.remaining = min(known.remaining, remaining)
        window?.resetAt = min(known.resetAt, now + reset)
    }
}
