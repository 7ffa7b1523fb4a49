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
        guard let limit else { return Passage() }
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
        guard let limit else { return Passage() }
        let moment = now().seconds
        let state = limiter.withLock { $0.state(at: moment) }
        return Passage(headers: Self.headers(state, limit), remaining: state.remaining)
    }

    private static func headers(_ decision: RateLimiter.Decision, _ limit: RateLimit) -> [(String, String)] {
        [
            ("Ratelimit", "\"default\";r=\(decision.remaining);t=\(decision.resetSeconds)"),
            ("Ratelimit-Policy", "\"default\";q=\(limit.requests);w=\(limit.windowSeconds)"),
        ]
    }
}
