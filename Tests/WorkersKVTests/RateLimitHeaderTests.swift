import KVTestSupport
import Testing
import WorkersKV

@Suite struct RateLimitHeaderTests {
    private static func limits(_ headers: [String: String], unixNow: Double = 1_790_000_000) -> RateLimits {
        RateLimits(headers: headers, unixNow: unixNow)
    }

    @Test(arguments: [
        #""default";r=50;t=30"#, "default;r=50;t=30", #" "default" ; t=30 ; r=50 ; pk=:dXNlcg==:"#,
        #""de\"fa;u,lt";r=50;t=30"#, #""default";R=50;T="30""#,
    ])
    func `what is left is read however it is written`(header: String) {
        #expect(Self.limits(["ratelimit": header]) == RateLimits(remaining: 50, reset: 30))
    }

    @Test func `a policy belongs to the state of its name`() {
        let limits = Self.limits([
            "ratelimit-policy": #""hour";q=5000;w=3600, "default";q=1200;w=300;qu="requests""#,
            "ratelimit": #""default";r=1150;t=299"#,
        ])
        #expect(limits == RateLimits(quota: 1200, window: 300, remaining: 1150, reset: 299))
    }

    @Test func `a single policy belongs to every state`() {
        let limits = Self.limits(["ratelimit-policy": "a;q=120;w=30", "ratelimit": "b;r=100;t=3"])
        #expect(limits == RateLimits(quota: 120, window: 30, remaining: 100, reset: 3))
    }

    @Test func `of several limits the tightest is obeyed`() {
        let limits = Self.limits([
            "ratelimit-policy": "burst;q=100;w=10,long;q=1200;w=300", "ratelimit": "burst;r=90;t=9, long;r=30;t=200",
        ])
        #expect(limits == RateLimits(quota: 1200, window: 300, remaining: 30, reset: 200))
    }

    @Test(arguments: ["x-ratelimit-", "ratelimit-"])
    func `the older headers are read too`(prefix: String) {
        var headers = ["\(prefix)limit": "100", "\(prefix)remaining": "7", "\(prefix)reset": "42"]
        #expect(Self.limits(headers) == RateLimits(quota: 100, remaining: 7, reset: 42))
        headers["\(prefix)reset"] = "1790000042"
        #expect(Self.limits(headers) == RateLimits(quota: 100, remaining: 7, reset: 42))
        headers["\(prefix)reset"] = "1789999999"
        #expect(Self.limits(headers).reset == 0)
    }

    @Test(arguments: [
        "", ",", ";", "\"", "\"\\", "default", "default;r", "default;r=", "default;r=-1;t=3", "default;r=1.5;t=3",
        "default;r=99999999999999999999;t=3", "default;r=20000000;t=3", "default;t=3", "=;=;=", ";;;,,,\"\"\"",
    ])
    func `a state that makes no sense is none`(header: String) {
        #expect(Self.limits(["ratelimit": header]) == RateLimits())
    }

    @Test(arguments: [
        "default;q=0;w=0", "default;q=-5;w=-1", "default;q=x;w=y", "default;q=1e9;w=99999999999999999999",
    ])
    func `a policy that makes no sense is none, and the state still counts`(policy: String) {
        let limits = Self.limits(["ratelimit-policy": policy, "ratelimit": "default;r=5;t=99999"])
        #expect(limits == RateLimits(remaining: 5))
    }

    @Test func `more left than there is, or later than a window, is cut to what can be`() {
        let limits = Self.limits(["ratelimit-policy": "d;q=100;w=10", "ratelimit": "d;r=500;t=200"])
        #expect(limits == RateLimits(quota: 100, window: 10, remaining: 100, reset: 10))
    }

    @Test(arguments: Seed.several(4))
    func `whatever numbers the headers of a long run have, every wait is one that ends`(seed: Seed) {
        let numbers = [
            "0", "1", "5", "1200", "9999999999999999999", "9223372036854775807", "18446744073709551616", "1e308", "nan",
            "NaN", "inf", "-1", "-9223372036854775808", "00000000000000000007", "3600", "3601", "10000000", "1.5", "",
        ]
        var generator = seed.generator
        var state = PaceState(policy: PacingPolicy(), isCloudflare: Bool.random(using: &generator))
        var now = 0.0
        func number() -> String { numbers.randomElement(using: &generator) ?? "" }
        for index in 0..<100_000 {
            switch state.turn(at: now) {
            case .wait(let seconds, _):
                guard seconds > 0, seconds < 86_401 else {
                    Issue.record("after \(index): \(seconds) s")
                    return
                }
                now += seconds
            case .go(let ticket):
                now += Double.random(in: 0...0.2, using: &generator)
                let headers = [
                    "ratelimit": "\"default\";r=\(number());t=\(number())",
                    "ratelimit-policy": "\"default\";q=\(number());w=\(number())",
                    "x-ratelimit-limit": number(), "x-ratelimit-remaining": number(), "x-ratelimit-reset": number(),
                ].filter { _ in Bool.random(using: &generator) }
                let limits = Self.limits(headers)
                let isRefused = Int.random(in: 0..<50, using: &generator) == 0
                state.answered(ticket, limits, isRefused: isRefused, at: now)
                let pauses = [1, 300, 86_400, .infinity, .nan, -1]
                if isRefused { state.block(for: pauses.randomElement(using: &generator) ?? 0, at: now) }
            }
        }
    }

    @Test(arguments: [Int.min, -1, 0, 1, 1 << 53, .max])
    func `whatever number of requests is allowed, or left to others, a request goes at some time`(number: Int) {
        for (own, leave) in [(number, nil), (nil, number), (number, number)] as [(Int?, Int?)] {
            var policy = PacingPolicy()
            policy.requestsPerFiveMinutes = own
            policy.leaveRequests = leave
            var state = PaceState(policy: policy, isCloudflare: true)
            var now = 0.0
            var done = 0
            for _ in 0..<1_000 where done < 10 {
                switch state.turn(at: now) {
                case .wait(let seconds, _): now += seconds
                case .go(let ticket):
                    done += 1
                    state.answered(ticket, RateLimits(quota: 1200, window: 300, remaining: 1000, reset: 300), at: now)
                }
            }
            #expect(done == 10, "own \(own ?? -1), left \(leave ?? -1)")
        }
    }
}
