import Synchronization

/// Sees to it that people hear of long pauses once, and knows how long a client has waited for limits in all.
final class PauseWatch: Sendable {
    /// Shorter pauses are part of the normal pace.
    private static let leastToTell = 2.0

    private struct State {
        var waiting = 0
        var waitingSince = 0.0
        var total = 0.0
        var toldUntil = -Double.infinity
    }

    private let state = Mutex(State())
    private let clock: PaceClock

    init(clock: PaceClock) { self.clock = clock }

    /// How long at least one request was waiting, in seconds.
    var pausedSeconds: Double {
        state.withLock { $0.total + ($0.waiting > 0 ? max(0, clock.now() - $0.waitingSince) : 0) }
    }

    /// One more request waits.
    func enter() {
        state.withLock { state in
            if state.waiting == 0 { state.waitingSince = clock.now() }
            state.waiting += 1
        }
    }

    /// One request waits no more.
    func leave() {
        state.withLock { state in
            state.waiting -= 1
            if state.waiting == 0 { state.total += max(0, clock.now() - state.waitingSince) }
        }
    }

    /// Whether a pause is one to tell people of, and has not been told yet.
    func isNews(_ seconds: Double, _ cause: PaceTurn.Cause) -> Bool {
        guard cause == .blocked || cause == .reserve, seconds >= Self.leastToTell else { return false }
        return state.withLock { state in
            let until = clock.now() + seconds
            // The requests of one pause do not agree to the millisecond when it ends.
            guard until > state.toldUntil + Self.leastToTell else { return false }
            state.toldUntil = until
            return true
        }
    }
}
