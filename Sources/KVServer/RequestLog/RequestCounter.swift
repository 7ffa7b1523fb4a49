import Synchronization

/// How many requests were answered, by operation.
final class RequestCounter: Sendable {
    private let counts = Mutex<[Route: Int]>([:])

    /// Counts a request.
    func add(_ route: Route) { counts.withLock { $0[route, default: 0] += 1 } }

    /// The counts so far; operations that were never asked for are left out.
    var all: [Route: Int] { counts.withLock { $0 } }
}
