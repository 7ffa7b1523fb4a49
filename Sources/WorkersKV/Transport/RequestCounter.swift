import Synchronization

/// Counts requests from all tasks that share a client.
final class RequestCounter: Sendable {
    private let state = Mutex(RequestStatistics())

    var statistics: RequestStatistics { state.withLock { $0 } }

    /// Counts an attempt.
    ///
    /// - Parameters:
    ///   - kind: What the request is for.
    ///   - cause: Why it is sent again, if it is.
    func count(_ kind: RequestKind, repeatedFor cause: KVError.Code?) {
        state.withLock { statistics in
            statistics.requests[kind, default: 0] += 1
            guard let cause else { return }
            statistics.retries += 1
            statistics.retriesByCause[cause.rawValue, default: 0] += 1
        }
    }
}
