/// What the headers of an answer say about the server's limit of requests; nothing that makes no sense.
package struct RateLimits: Hashable, Sendable {
    /// How many requests a window has.
    package var quota: Double?
    /// How long a window is, in seconds.
    package var window: Double?
    /// How many requests are left in this window.
    package var remaining: Double?
    /// When the next window starts, in seconds from now.
    package var reset: Double?

    /// Puts limits together.
    package init(quota: Double? = nil, window: Double? = nil, remaining: Double? = nil, reset: Double? = nil) {
        self.quota = quota
        self.window = window
        self.remaining = remaining
        self.reset = reset
    }

    /// Reads the headers of an answer.
    ///
    /// - Parameters:
    ///   - headers: The headers, with names in lower case.
    ///   - unixNow: The time, for servers that give the next window's start as one.
    package init(headers: [String: String], unixNow: Double) {
        let policies = (headers["ratelimit-policy"].map(StructuredItem.list) ?? []).map(Self.policy)
        let states = headers["ratelimit"].map(StructuredItem.list) ?? []
        let limits = states.compactMap { Self.state($0, policies) }
        if let tightest = limits.min(by: { $0.pace < $1.pace }) {
            self = tightest
        } else if let tightest = policies.map(\.limits).filter({ $0.quota != nil }).min(by: { $0.pace < $1.pace }) {
            self = tightest
        } else {
            self.init(olderHeaders: headers, unixNow: unixNow)
        }
        if let quota, let remaining { self.remaining = min(quota, remaining) }
        if let window, let reset { self.reset = min(window, reset) }
    }

    /// The headers that were in use before `Ratelimit` was.
    private init(olderHeaders headers: [String: String], unixNow: Double) {
        self.init()
        for prefix in ["x-ratelimit-", "ratelimit-"] {
            func number(_ name: String) -> Double? { headers[prefix + name].flatMap(WholeNumber.parse) }
            quota = quota ?? number("limit").flatMap(Self.soundQuota)
            remaining = remaining ?? number("remaining").flatMap(Self.soundCount)
            reset = reset ?? number("reset").flatMap { Self.soundReset($0 > 1e9 ? max(0, $0 - unixNow) : $0) }
        }
    }

    /// Requests per second until the next window; the limit with the fewest is the one to obey.
    private var pace: Double { (remaining ?? quota ?? .infinity) / max(1, reset ?? window ?? 1) }
}

// MARK: - Items

extension RateLimits {
    private static func policy(_ item: StructuredItem) -> (name: String, limits: RateLimits) {
        let quota = item.number("q").flatMap(soundQuota)
        let window = item.number("w").flatMap { $0 > 0 ? soundReset($0) : nil }
        return (item.name, RateLimits(quota: quota, window: window))
    }

    private static func state(
        _ item: StructuredItem, _ policies: [(name: String, limits: RateLimits)]
    ) -> RateLimits? {
        guard let remaining = item.number("r").flatMap(soundCount) else { return nil }
        let policy = policies.first { $0.name == item.name } ?? (policies.count == 1 ? policies.first : nil)
        var limits = policy?.limits ?? RateLimits()
        limits.remaining = remaining
        limits.reset = item.number("t").flatMap(soundReset)
        return limits
    }

    // A number beyond these is a mistake, or a limit of another kind (per day, say) that no waiting helps against.
    private static func soundQuota(_ number: Double) -> Double? { (1...10_000_000).contains(number) ? number : nil }
    private static func soundCount(_ number: Double) -> Double? { (0...10_000_000).contains(number) ? number : nil }
    private static func soundReset(_ number: Double) -> Double? { (0...3600).contains(number) ? number : nil }
}
