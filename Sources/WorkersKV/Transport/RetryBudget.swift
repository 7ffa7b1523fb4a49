import Synchronization

/// How many repetitions the requests of one client have left together.
///
/// A single failure is worth several attempts. A server that fails throughout is not worth them for each of ten thousand
/// requests.
final class RetryBudget: Sendable {
    private struct State {
        var left: Int
        var sent = 0
        var failed = 0
    }

    private let size: Int
    private let state: Mutex<State>

    init(_ size: Int) {
        self.size = max(0, size)
        state = Mutex(State(left: max(0, size)))
    }

    /// A request came to its end.
    func succeeded() {
        state.withLock { state in
            state.sent += 1
            if state.left < size { state.left += 1 }
        }
    }

    /// An attempt did not succeed: for a reason that may pass, or because the API refused, which is no failure of its.
    func ended(isFailure: Bool) {
        state.withLock { state in
            state.sent += 1
            if isFailure { state.failed += 1 }
        }
    }

    /// Takes a repetition.
    ///
    /// - Returns: `nil` if there was one, else what there is to say about it.
    func take() -> String? {
        state.withLock { state in
            guard state.left > 0 else {
                return "the budget of retries is used up (\(state.failed) of \(state.sent) requests failed)"
            }
            state.left -= 1
            return nil
        }
    }
}
