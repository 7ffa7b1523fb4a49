import KVModel
import Synchronization

/// The rate limit of the server's one credential, if it has one.
final class RequestGate: Sendable {
    /// What the gate says to one request.
    struct Passage: Sendable {
        /// The refusal, if the limit is used up.
        var fault: APIFault?
        /// The headers that tell the client how things stand.
        var headers: [(String, String)] = []
        /// How many more requests the window has; `nil` without a limit.
        var remaining: Int?
    }

    /// What is announced where nothing is limited: production always announces a limit, and clients obey it.
    private static let unreachable = RateLimit(requests: 1_000_000, windowSeconds: 300)

    private let limit: RateLimit?
    private let limiter: Mutex<RateLimiter>
    private let now: @Sendable () -> UnixTime

    /// A gate that lets everything through if there is no limit.
    init(_ limit: RateLimit?, now: @escaping @Sendable () -> UnixTime) {
        self.limit = limit
        self.now = now
        limiter = Mutex(RateLimiter(limit ?? RateLimit(requests: 1, windowSeconds: 1)))
    }

    /// Counts a request of the credential.
    func admit() -> Passage {
        guard let limit else { return unlimited }
        let moment = now().seconds
        let decision = limiter.withLock { $0.admit(at: moment) }
        var passage = Passage(headers: Self.headers(decision, limit), remaining: decision.remaining)
        if !decision.isAllowed {
            var fault = APIFault(.rateLimited, message: "Please wait and consider throttling your request speed")
            fault.headers = [("retry-after", String(decision.resetSeconds))]
            passage.fault = fault
        }
        return passage
    }

    /// How things stand, for an answer to a request that was nobody's.
    func look() -> Passage {
        guard let limit else { return unlimited }
        let moment = now().seconds
        let state = limiter.withLock { $0.state(at: moment) }
        return Passage(headers: Self.headers(state, limit), remaining: state.remaining)
    }

    /// Windows in which no request is counted.
    private var unlimited: Passage {
        let limit = Self.unreachable
        let past = ((now().seconds % limit.windowSeconds) + limit.windowSeconds) % limit.windowSeconds
        let state = RateLimiter.Decision(
            isAllowed: true, remaining: limit.requests, resetSeconds: limit.windowSeconds - past)
        return Passage(headers: Self.headers(state, limit))
    }

    private static func headers(_ decision: RateLimiter.Decision, _ limit: RateLimit) -> [(String, String)] {
        [
            ("Ratelimit", "\"default\";r=\(decision.remaining);t=\(decision.resetSeconds)"),
            ("Ratelimit-Policy", "\"default\";q=\(limit.requests);w=\(limit.windowSeconds)"),
        ]
    }
}
