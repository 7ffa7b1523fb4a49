/// A number of requests in a window of time, as the API grants them to a user: `1200/300` is 1,200 in five minutes.
package struct RateLimit: Hashable, Sendable {
    /// How many requests are answered.
    package var requests: Int
    /// The length of the window.
    package var windowSeconds: Int64

    package init(requests: Int, windowSeconds: Int64) {
        self.requests = requests
        self.windowSeconds = windowSeconds
    }

    /// Reads `REQUESTS/SECONDS`; `nil` unless both are positive whole numbers.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let requests = Int(parts[0]), let seconds = Int64(parts[1]), requests > 0, seconds > 0,
            seconds <= 1_000_000_000
        else { return nil }
        self.init(requests: requests, windowSeconds: seconds)
    }
}

/// Counts the requests of one credential and decides which are answered.
///
/// A window starts with the first request in it. The request that goes over the limit blocks all that follow for a whole
/// window from then on, as production does (API-wide rate limits, documentation). Time comes in with each event.
struct RateLimiter: Sendable {
    /// What the limiter says about one request.
    struct Decision: Hashable, Sendable {
        /// Whether the request may be answered.
        var isAllowed: Bool
        /// How many more requests the window has.
        var remaining: Int
        /// When the window, or the block, ends, in seconds from now.
        var resetSeconds: Int64
    }

    /// The limit that is kept.
    let limit: RateLimit
    private var used = 0
    private var windowEnd = Int64.min
    private var isBlocked = false

    /// Starts with nothing used.
    init(_ limit: RateLimit) { self.limit = limit }

    /// Counts a request.
    mutating func admit(at seconds: Int64) -> Decision {
        roll(to: seconds)
        if !isBlocked {
            used += 1
            if used > limit.requests {
                isBlocked = true
                windowEnd = Self.end(of: limit, from: seconds)
            }
        }
        return decision(at: seconds)
    }

    /// How things stand, without a request being counted.
    mutating func state(at seconds: Int64) -> Decision {
        roll(to: seconds)
        return decision(at: seconds)
    }

    private mutating func roll(to seconds: Int64) {
        guard seconds >= windowEnd else { return }
        used = 0
        isBlocked = false
        windowEnd = Self.end(of: limit, from: seconds)
    }

    private func decision(at seconds: Int64) -> Decision {
        Decision(
            isAllowed: !isBlocked,
            remaining: max(0, limit.requests - used),
            resetSeconds: max(0, windowEnd.subtractingReportingOverflow(seconds).partialValue))
    }

    private static func end(of limit: RateLimit, from seconds: Int64) -> Int64 {
        let (end, overflow) = seconds.addingReportingOverflow(limit.windowSeconds)
        return overflow ? .max : end
    }
}
