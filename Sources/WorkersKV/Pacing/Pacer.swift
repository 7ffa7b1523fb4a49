import Synchronization

/// Lets the requests of all clients that share a limit go when they may.
package final class Pacer: Sendable {
    /// How long a waiting request sleeps at the most before it asks again; limits can also end early.
    private static let longestSleep = 1.0
    /// How much earlier than the next a request wakes that came before it, so that none is overtaken for long.
    private static let precedence = 0.001

    private struct Line: Sendable {
        var state: PaceState
        /// Numbers of the requests that wait, the first to come first.
        var waiting: [Int] = []
        var arrivals = 0
    }

    private let line: Mutex<Line>
    private let clock: PaceClock

    /// Starts without a request sent.
    ///
    /// - Parameters:
    ///   - policy: How much of the limit to use.
    ///   - isCloudflare: Whether the server is Cloudflare's own.
    ///   - clock: The time.
    package init(policy: PacingPolicy, isCloudflare: Bool, clock: PaceClock = .system) {
        line = Mutex(Line(state: PaceState(policy: policy, isCloudflare: isCloudflare)))
        self.clock = clock
    }

    /// Respects another policy too.
    package func tighten(by policy: PacingPolicy) { line.withLock { $0.state.tighten(by: policy) } }

    /// Waits until a request may be sent.
    ///
    /// - Parameter willWait: Told before each sleep how long the request has to wait and why.
    /// - Returns: The ticket, with which the pacer has to be told how the request ended.
    /// - Throws: `CancellationError`.
    package func waitForTurn(
        _ willWait: (_ seconds: Double, _ cause: PaceTurn.Cause) -> Void = { _, _ in }
    ) async throws -> PaceTicket {
        try Task.checkCancellation()
        var turn = line.withLock { $0.state.turn(at: clock.now()) }
        if case .go(let ticket) = turn { return ticket }
        let number = line.withLock { line in
            line.arrivals += 1
            line.waiting.append(line.arrivals)
            return line.arrivals
        }
        defer { line.withLock { line in line.waiting.removeAll { $0 == number } } }
        while true {
            switch turn {
            case .go(let ticket): return ticket
            case .wait(let seconds, let cause):
                willWait(seconds, cause)
                let place = line.withLock { $0.waiting.firstIndex(of: number) ?? 0 }
                try await clock.sleep(min(seconds, Self.longestSleep) + Double(min(place, 50)) * Self.precedence)
            }
            turn = line.withLock { $0.state.turn(at: clock.now()) }
        }
    }

    /// Learns from an answer, whatever its status.
    ///
    /// - Parameters:
    ///   - ticket: The request.
    ///   - limits: What the answer's headers say.
    ///   - isRefused: Whether it is a 429; others then wait until ``block(for:)`` has said how long.
    package func answered(_ ticket: PaceTicket, _ limits: RateLimits, isRefused: Bool = false) {
        line.withLock { $0.state.answered(ticket, limits, isRefused: isRefused, at: clock.now()) }
    }

    /// Learns that nothing will come back for a request.
    package func failedWithoutAnswer(_ ticket: PaceTicket) {
        line.withLock { $0.state.failedWithoutAnswer(ticket) }
    }

    /// Stops all requests, and lets a single one go first afterwards.
    package func block(for pause: Duration) {
        line.withLock { $0.state.block(for: pause.inSeconds, at: clock.now()) }
    }

    /// Whether there is a limit of requests, as far as is known.
    package var isLimited: Bool { line.withLock { $0.state.isLimited } }

    /// How long a window is, as far as is known.
    package var windowSeconds: Double? { line.withLock { $0.state.windowSeconds } }
}
