import Synchronization

/// A place where answers wait until a test lets them go on.
final class Doorway: Sendable {
    private struct State {
        var isOpen = false
        var arrived = 0
        var cancelled = 0
        var inside: [Int: CheckedContinuation<Void, Never>] = [:]
        var watchers: [(count: Int, CheckedContinuation<Void, Never>)] = []

        mutating func takeWatchers() -> [CheckedContinuation<Void, Never>] {
            defer { watchers.removeAll { $0.count <= arrived } }
            return watchers.filter { $0.count <= arrived }.map(\.1)
        }
    }

    private let state = Mutex(State())

    /// How many waited until they were cancelled.
    var cancelled: Int { state.withLock { $0.cancelled } }

    /// Waits until the door is opened, or the task is cancelled.
    func pass() async {
        let (number, watchers) = state.withLock { state in
            state.arrived += 1
            return (state.arrived, state.takeWatchers())
        }
        for watcher in watchers { watcher.resume() }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let mayPass = state.withLock { state in
                    if Task.isCancelled { state.cancelled += 1 }
                    guard !Task.isCancelled, !state.isOpen else { return true }
                    state.inside[number] = continuation
                    return false
                }
                if mayPass { continuation.resume() }
            }
        } onCancel: {
            let continuation = state.withLock { state in
                let continuation = state.inside.removeValue(forKey: number)
                if continuation != nil { state.cancelled += 1 }
                return continuation
            }
            continuation?.resume()
        }
    }

    /// Waits until so many have come.
    func arrivals(_ count: Int) async {
        await withCheckedContinuation { continuation in
            let watchers = state.withLock { state in
                state.watchers.append((count, continuation))
                return state.takeWatchers()
            }
            for watcher in watchers { watcher.resume() }
        }
    }

    /// Lets all go on.
    func open() {
        let inside = state.withLock { state in
            state.isOpen = true
            defer { state.inside = [:] }
            return Array(state.inside.values)
        }
        for continuation in inside { continuation.resume() }
    }
}
