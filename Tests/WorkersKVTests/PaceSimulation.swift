import KVTestSupport
import WorkersKV

/// A server with a limit of requests, in simulated time.
struct LimitingServer {
    enum Kind { case fixedWindow, slidingWindow }

    let kind: Kind
    let quota: Int
    let window: Double
    /// Requests of each window; of the latest one only, if windows slide.
    private(set) var counts: [Int] = []
    /// The least that was left over.
    private(set) var lowest = Int.max
    private(set) var refusals = 0
    private var windowStart = -Double.infinity
    private var recent: [Double] = []

    init(_ kind: Kind, quota: Int, window: Double) {
        self.kind = kind
        self.quota = quota
        self.window = window
    }

    /// Takes a request; the answer is what its headers say, and whether it was refused.
    mutating func take(at now: Double) -> (limits: RateLimits, isRefused: Bool) {
        let used: Int
        let end: Double
        switch kind {
        case .fixedWindow:
            if now >= windowStart + window {
                windowStart = now
                counts.append(0)
            }
            used = counts[counts.count - 1]
            end = windowStart + window
        case .slidingWindow:
            recent.removeAll { $0 <= now - window }
            used = recent.count
            end = (recent.first ?? now) + window
        }
        let isRefused = used >= quota
        if isRefused {
            refusals += 1
        } else {
            recent.append(now)
            if kind == .fixedWindow { counts[counts.count - 1] += 1 }
        }
        let left = max(0, quota - used - 1)
        lowest = min(lowest, left)
        let limits = RateLimits(
            quota: Double(quota), window: window, remaining: Double(left), reset: (end - now).rounded(.up))
        return (limits, isRefused)
    }
}

/// A client that sends requests through a pace state to a server, several at a time, in simulated time.
struct PaceSimulation {
    private enum Event {
        case ask(worker: Int)
        case arrive(worker: Int, PaceTicket)
        case answer(worker: Int, PaceTicket, RateLimits, isRefused: Bool)
        case loss(worker: Int, PaceTicket)
        case foreign
    }

    var state: PaceState
    var server: LimitingServer
    var generator: SeededGenerator
    var workers = 8
    /// How often somebody else sends a request.
    var foreignInterval: Double?
    /// The share of requests that never get an answer.
    var losses = 0.0
    var sendsHeaders = true

    private(set) var done = 0
    private(set) var ownRefusals = 0
    private(set) var sentAt: [Double] = []
    private(set) var now = 0.0
    private var events: [(time: Double, order: Int, event: Event)] = []
    private var order = 0

    init(_ state: PaceState, _ server: LimitingServer, seed: Seed) {
        self.state = state
        self.server = server
        generator = seed.generator
    }

    private mutating func schedule(_ event: Event, after delay: Double) {
        order += 1
        events.append((now + delay, order, event))
    }

    private mutating func latency() -> Double { Double.random(in: 0.0005...0.15, using: &generator) }

    /// Runs until enough requests succeeded, or for a day.
    mutating func run(requests: Int) {
        for worker in 0..<workers { schedule(.ask(worker: worker), after: 0) }
        if foreignInterval != nil { schedule(.foreign, after: 0) }
        while done < requests, now < 86_400,
            let index = events.indices.min(by: {
                (events[$0].time, events[$0].order) < (events[$1].time, events[$1].order)
            })
        {
            let next = events.remove(at: index)
            now = next.time
            handle(next.event)
        }
    }

    private mutating func handle(_ event: Event) {
        switch event {
        case .ask(let worker):
            switch state.turn(at: now) {
            case .go(let ticket):
                sentAt.append(now)
                schedule(
                    generator.chance(losses) ? .loss(worker: worker, ticket) : .arrive(worker: worker, ticket),
                    after: latency())
            case .wait(let seconds, _): schedule(.ask(worker: worker), after: min(seconds, 1) + Double(worker) * 0.001)
            }
        case .arrive(let worker, let ticket):
            let (limits, isRefused) = server.take(at: now)
            schedule(.answer(worker: worker, ticket, limits, isRefused: isRefused), after: latency())
        case .answer(let worker, let ticket, let limits, let isRefused):
            state.answered(ticket, sendsHeaders ? limits : RateLimits(), isRefused: isRefused, at: now)
            if isRefused {
                ownRefusals += 1
                state.block(for: limits.reset ?? server.window, at: now)
            } else {
                done += 1
            }
            schedule(.ask(worker: worker), after: 0)
        case .loss(let worker, let ticket):
            state.failedWithoutAnswer(ticket)
            schedule(.ask(worker: worker), after: 0)
        case .foreign:
            _ = server.take(at: now)
            if let foreignInterval { schedule(.foreign, after: foreignInterval) }
        }
    }
}
