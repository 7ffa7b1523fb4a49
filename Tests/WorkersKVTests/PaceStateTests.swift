import KVTestSupport
import Testing
import WorkersKV

@Suite struct PaceStateTests {
    /// A state that knows no limit yet, like a client of a server that is not Cloudflare's.
    private static func fresh(_ adjust: (inout PacingPolicy) -> Void = { _ in }) -> PaceState {
        var policy = PacingPolicy()
        adjust(&policy)
        return PaceState(policy: policy, isCloudflare: false)
    }

    private static func ticket(_ turn: PaceTurn) -> PaceTicket? {
        if case .go(let ticket) = turn { return ticket }
        return nil
    }

    private static func wait(_ turn: PaceTurn) -> Double? {
        if case .wait(let seconds, _) = turn { return seconds }
        return nil
    }

    @Test func `a limit is known from Cloudflare's address, from the user or from an answer`() throws {
        #expect(PaceState(policy: PacingPolicy(), isCloudflare: true).isLimited)
        #expect(Self.fresh { $0.requestsPerFiveMinutes = 600 }.isLimited)
        var state = Self.fresh()
        #expect(!state.isLimited)
        let first = try #require(Self.ticket(state.turn(at: 0)))
        state.answered(first, RateLimits(), isRefused: false, at: 0.1)
        #expect(!state.isLimited)
        let second = try #require(Self.ticket(state.turn(at: 1)))
        state.answered(second, RateLimits(remaining: 50, reset: 20), isRefused: false, at: 1.1)
        #expect(state.isLimited)
    }

    @Test(arguments: [
        (1_200.0, 300.0, true), (29_999, 300, true), (30_001, 300, false), (1_000_000, 300, false), (50, 1, true),
    ])
    func `a limit that nobody feels is none`(quota: Double, window: Double, isFelt: Bool) throws {
        var state = Self.fresh()
        let first = try #require(Self.ticket(state.turn(at: 0)))
        state.answered(
            first, RateLimits(quota: quota, window: window, remaining: quota, reset: window), isRefused: false, at: 0.1)
        #expect(state.isLimited == isFelt)
    }

    @Test(arguments: Seed.several(20))
    func `a fixed window is used nearly whole and never overrun`(seed: Seed) {
        var simulation = PaceSimulation(
            Self.fresh(), LimitingServer(.fixedWindow, quota: 120, window: 30), seed: seed)
        simulation.run(requests: 600)
        let windows = simulation.server.counts
        #expect(simulation.done == 600)
        #expect(simulation.server.refusals == 0)
        #expect(simulation.server.lowest >= 10)
        // The floor is a tenth: 108 of 120 are ours.
        for count in windows.dropLast() { #expect(count >= 103) }
    }

    @Test(arguments: Seed.several(20))
    func `another client that uses half of the quota slows this one down`(seed: Seed) {
        var simulation = PaceSimulation(
            Self.fresh(), LimitingServer(.fixedWindow, quota: 120, window: 30), seed: seed)
        simulation.foreignInterval = 0.5
        simulation.run(requests: 600)
        #expect(simulation.done == 600)
        #expect(simulation.server.refusals <= 3)
    }

    @Test(arguments: Seed.several(20))
    func `a sliding window is never overrun`(seed: Seed) {
        var simulation = PaceSimulation(
            Self.fresh(), LimitingServer(.slidingWindow, quota: 120, window: 30), seed: seed)
        simulation.run(requests: 600)
        #expect(simulation.done == 600)
        #expect(simulation.server.refusals == 0)
        #expect(simulation.now < 400)
    }

    @Test(arguments: Seed.several(3))
    func `Cloudflare's limit is kept to from the first request`(seed: Seed) {
        var simulation = PaceSimulation(
            PaceState(policy: PacingPolicy(), isCloudflare: true),
            LimitingServer(.fixedWindow, quota: 1200, window: 300), seed: seed)
        simulation.workers = 32
        simulation.run(requests: 4000)
        #expect(simulation.server.refusals == 0)
        #expect(simulation.server.lowest >= 100)
        for count in simulation.server.counts.dropLast() { #expect((1026...1080).contains(count)) }
        #expect((100...110).contains(simulation.sentAt.count { $0 < 1 }), "a small job runs at once")
    }

    @Test(arguments: Seed.several(5))
    func `a server that says nothing is not overrun with Cloudflare's limit or a number given`(seed: Seed) {
        var policy = PacingPolicy()
        for number in [nil, 1200] {
            policy.requestsPerFiveMinutes = number
            var simulation = PaceSimulation(
                PaceState(policy: policy, isCloudflare: true),
                LimitingServer(.fixedWindow, quota: 1200, window: 300), seed: seed)
            simulation.sendsHeaders = false
            simulation.run(requests: 3000)
            #expect(simulation.done == 3000)
            #expect(simulation.server.refusals == 0)
        }
    }

    @Test(arguments: Seed.several(5))
    func `requests that are lost hang nobody`(seed: Seed) {
        var simulation = PaceSimulation(
            Self.fresh(), LimitingServer(.fixedWindow, quota: 120, window: 30), seed: seed)
        simulation.losses = 0.5
        simulation.run(requests: 300)
        #expect(simulation.done == 300)
        #expect(simulation.server.refusals == 0)
        #expect(simulation.now < 300)
    }

    @Test(arguments: Seed.several(5))
    func `after a 429 a single request goes first, and then the others`(seed: Seed) {
        // The quota is used up by others before this client hears of it.
        var server = LimitingServer(.fixedWindow, quota: 120, window: 30)
        for _ in 0..<120 { _ = server.take(at: 0) }
        var simulation = PaceSimulation(Self.fresh(), server, seed: seed)
        simulation.run(requests: 100)
        #expect(simulation.done == 100)
        #expect(simulation.ownRefusals <= simulation.workers)
        #expect(simulation.sentAt.allSatisfy { $0 < 0.5 || $0 >= 29 })
        let firstAfter = simulation.sentAt.filter { $0 >= 29 }.prefix(2)
        #expect(firstAfter.last ?? 0 > firstAfter.first ?? 0)
    }

    @Test func `a server without a limit gets requests as fast as they come`() {
        var state = Self.fresh()
        for _ in 0..<1000 {
            guard let ticket = Self.ticket(state.turn(at: 5)) else {
                Issue.record("a request had to wait")
                return
            }
            state.answered(ticket, RateLimits(), at: 5)
        }
    }

    @Test func `a number given counts for any five minutes, the burst included`() {
        for number in [1, 2, 11, 12, 60, 1200] {
            var state = Self.fresh { $0.requestsPerFiveMinutes = number }
            var now = 0.0
            var times: [Double] = []
            while now < 1500 {
                switch state.turn(at: now) {
                case .go: times.append(now)
                case .wait(let seconds, _): now += seconds
                }
            }
            for (index, time) in times.enumerated() {
                #expect(times[index...].prefix { $0 < time + 299.9 }.count <= number)
            }
            #expect(times.count { $0 < 300 } >= max(1, number * 9 / 10 - 1))
        }
    }

    @Test func `a number given still stops at what is to be left`() throws {
        var state = Self.fresh {
            $0.requestsPerFiveMinutes = 1200
            $0.leaveRequests = 20
        }
        let first = try #require(Self.ticket(state.turn(at: 0)))
        state.answered(first, RateLimits(quota: 1200, window: 300, remaining: 22, reset: 100), at: 1)
        #expect(Self.ticket(state.turn(at: 1)) != nil)
        #expect(Self.ticket(state.turn(at: 1)) != nil)
        #expect(state.turn(at: 1) == .wait(100, .reserve))
    }

    @Test func `within a window the lowest count and the earliest end hold`() throws {
        var state = Self.fresh()
        let tickets = (0..<3).compactMap { _ in Self.ticket(state.turn(at: 0)) }
        state.answered(tickets[0], RateLimits(quota: 120, window: 30, remaining: 117, reset: 30), at: 0.1)
        state.answered(tickets[2], RateLimits(quota: 120, window: 30, remaining: 119, reset: 30), at: 0.2)
        #expect(state.remaining == 117)
        state.answered(tickets[1], RateLimits(quota: 120, window: 30, remaining: 40, reset: 29), at: 0.3)
        #expect(state.remaining == 40)
        #expect(Self.ticket(state.turn(at: 0.4)) != nil)
        #expect(state.remaining == 39)
    }

    @Test func `an answer that took long does not pass for one of a new window`() throws {
        var state = Self.fresh()
        let slow = try #require(Self.ticket(state.turn(at: 0)))
        let quick = try #require(Self.ticket(state.turn(at: 0)))
        state.answered(quick, RateLimits(quota: 120, window: 30, remaining: 20, reset: 30), at: 0.1)
        state.answered(slow, RateLimits(quota: 120, window: 30, remaining: 119, reset: 30), at: 20)
        #expect(state.remaining == 20)
    }

    @Test func `what an old window's answer says late does not count in the new one`() throws {
        var state = Self.fresh()
        let late = try #require(Self.ticket(state.turn(at: 0)))
        let first = try #require(Self.ticket(state.turn(at: 0)))
        state.answered(first, RateLimits(quota: 120, window: 30, remaining: 50, reset: 1), at: 0)
        let probe = try #require(Self.ticket(state.turn(at: 2)))
        #expect(probe.isProbe)
        #expect(state.turn(at: 2) == .wait(0.03, .probe))
        state.answered(probe, RateLimits(quota: 120, window: 30, remaining: 119, reset: 30), at: 2.1)
        state.answered(late, RateLimits(quota: 120, window: 30, remaining: 0, reset: 1), at: 2.2)
        #expect(state.remaining == 119)
    }

    @Test func `a probe that finds the old window standing goes by it`() throws {
        var state = Self.fresh()
        let first = try #require(Self.ticket(state.turn(at: 0)))
        state.answered(first, RateLimits(quota: 120, window: 30, remaining: 12, reset: 1), at: 0)
        #expect(state.turn(at: 0) == .wait(1, .reserve))
        let probe = try #require(Self.ticket(state.turn(at: 1)))
        state.answered(probe, RateLimits(quota: 120, window: 30, remaining: 11, reset: 4), at: 1)
        #expect(state.turn(at: 1) == .wait(4, .reserve))
    }

    @Test func `a probe without an answer makes room for another, soon or at once`() throws {
        var state = Self.fresh()
        state.block(for: 10, at: 0)
        #expect(state.turn(at: 1) == .wait(9, .blocked))
        let first = try #require(Self.ticket(state.turn(at: 10)))
        #expect(Self.wait(state.turn(at: 10)) != nil)
        state.failedWithoutAnswer(first)
        let second = try #require(Self.ticket(state.turn(at: 10)))
        #expect(second.isProbe)
        #expect(Self.wait(state.turn(at: 14.9)) != nil)
        let third = try #require(Self.ticket(state.turn(at: 15)))
        state.answered(third, RateLimits(), at: 16)
        #expect(Self.ticket(state.turn(at: 16))?.isProbe == false)
    }

    @Test func `the answer to an earlier request does not end the wait after a 429`() throws {
        var state = Self.fresh()
        let early = try #require(Self.ticket(state.turn(at: 0)))
        let refused = try #require(Self.ticket(state.turn(at: 0)))
        state.answered(refused, RateLimits(), isRefused: true, at: 0)
        state.block(for: 5, at: 0)
        state.answered(early, RateLimits(), at: 1)
        #expect(state.turn(at: 1) == .wait(4, .blocked))
        #expect(Self.ticket(state.turn(at: 5))?.isProbe == true)
        #expect(Self.wait(state.turn(at: 5)) != nil)
    }

    @Test(arguments: [
        RateLimits(quota: 1, window: 1, remaining: 0, reset: 0), RateLimits(quota: 1, remaining: 0, reset: 3600),
        RateLimits(remaining: 0, reset: 0), RateLimits(window: 1, remaining: 3),
        RateLimits(quota: 10_000_000, window: 1),
    ])
    func `extreme limits slow down and never stop for good`(limits: RateLimits) {
        var state = Self.fresh { $0.headRoom = .nan }
        var now = 0.0
        var sent = 0
        while sent < 5, now < 20_000 {
            switch state.turn(at: now) {
            case .go(let ticket):
                sent += 1
                state.answered(ticket, limits, at: now)
            case .wait(let seconds, _):
                #expect(seconds > 0)
                now += max(0.001, seconds)
            }
        }
        #expect(sent == 5)
    }

    @Test func `the strictest of several policies holds`() throws {
        var state = Self.fresh { $0.leaveRequests = 50 }
        var other = PacingPolicy()
        other.requestsPerFiveMinutes = 12
        other.leaveRequests = 0
        state.tighten(by: other)
        let first = try #require(Self.ticket(state.turn(at: 0)))
        #expect(state.turn(at: 0) == .wait(300.0 / 11, .spacing))
        state.answered(first, RateLimits(quota: 120, window: 30, remaining: 50, reset: 20), at: 0)
        #expect(state.turn(at: 0) == .wait(20, .reserve))
    }
}
