import Synchronization

/// Counts requests from all tasks that share a client.
final class RequestCounter: Sendable {
    private let state = Mutex(RequestStatistics())

    var statistics: RequestStatistics { state.withLock { $0 } }

    func count(_ kind: RequestKind, isRetry: Bool) {
        state.withLock { statistics in
            statistics.requests[kind, default: 0] += 1
            if isRetry { statistics.retries += 1 }
        }
    }
}
