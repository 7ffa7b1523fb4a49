import KVModel
import KVServer
import Testing

@Suite struct RateLimitTests {
    @Test func `every answer says what is left`() async throws {
        let clock = HandClock(at: 1_000)
        try await withRemote({
            $0.rateLimit = RateLimit(requests: 3, windowSeconds: 300)
            $0.now = { clock.now }
        }) { remote async throws in
            let first = try await remote.call("GET", remote.namespaces)
            #expect(first.headers["ratelimit"] == #""default";r=2;t=300"#)
            #expect(first.headers["ratelimit-policy"] == #""default";q=3;w=300"#)
            clock.advance(by: 100)
            let second = try await remote.call("GET", "/client/v4/nothing")
            #expect(second.headers["ratelimit"] == #""default";r=1;t=200"#)
            let stranger = try await remote.send("GET", remote.namespaces)
            #expect(stranger.status == 401)
            #expect(stranger.headers["ratelimit"] == #""default";r=1;t=200"#)
        }
    }

    @Test func `going over the limit blocks everything for a whole window`() async throws {
        let clock = HandClock(at: 1_000)
        try await withRemote({
            $0.rateLimit = RateLimit("2/300")
            $0.now = { clock.now }
        }) { remote async throws in
            for _ in 1...2 { #expect(try await remote.call("GET", remote.namespaces).status == 200) }
            clock.advance(by: 299)
            let refused = try await remote.call("GET", remote.namespaces)
            #expect(refused.status == 429)
            #expect(refused.code == 971)
            #expect(refused.message == "Please wait and consider throttling your request speed")
            #expect(refused.headers["retry-after"] == "300")
            #expect(refused.headers["ratelimit"] == #""default";r=0;t=300"#)
            clock.advance(by: 299)
            let still = try await remote.call("GET", remote.namespaces)
            #expect(still.status == 429)
            #expect(still.headers["retry-after"] == "1")
            clock.advance(by: 1)
            #expect(try await remote.call("GET", remote.namespaces).status == 200)
        }
    }

    @Test func `a window that ends in time starts anew`() async throws {
        let clock = HandClock(at: 1_000)
        try await withRemote({
            $0.rateLimit = RateLimit("2/300")
            $0.now = { clock.now }
        }) { remote async throws in
            for _ in 1...5 {
                for _ in 1...2 { #expect(try await remote.call("GET", remote.namespaces).status == 200) }
                clock.advance(by: 300)
            }
        }
    }

    @Test func `without a limit the answers announce one that nobody reaches`() async throws {
        let clock = HandClock(at: 1_000)
        try await withRemote({ $0.now = { clock.now } }) { remote async throws in
            for _ in 1...3 {
                let reply = try await remote.call("GET", remote.namespaces)
                #expect(reply.headers["ratelimit"] == #""default";r=1000000;t=200"#)
                #expect(reply.headers["ratelimit-policy"] == #""default";q=1000000;w=300"#)
            }
            clock.advance(by: 199)
            let stranger = try await remote.send("GET", remote.namespaces)
            #expect(stranger.status == 401)
            #expect(stranger.headers["ratelimit"] == #""default";r=1000000;t=1"#)
        }
    }

    @Test(arguments: ["", "1", "1/", "/1", "0/1", "1/0", "-1/1", "1/1/1", "a/b", "1/99999999999"])
    func `a limit is written as requests and seconds`(text: String) {
        #expect(RateLimit(text) == nil)
        #expect(RateLimit("1200/300") == RateLimit(requests: 1_200, windowSeconds: 300))
    }

    @Test(arguments: ["9223372036854775807/1000000000", "1/1000000000"], [Int64.min, 0, .max])
    func `a limit and a clock at the ends of their range leave a server that answers`(
        limit: String, seconds: Int64
    ) async throws {
        try await withRemote({
            $0.rateLimit = RateLimit(limit)
            $0.now = { UnixTime(seconds: seconds) }
        }) { remote async throws in
            #expect(try await remote.call("GET", remote.namespaces).status == 200)
            #expect(try await remote.call("GET", remote.namespaces).headers["ratelimit"] != nil)
        }
    }
}
