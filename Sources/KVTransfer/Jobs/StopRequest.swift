import Synchronization

/// A wish that a job come to an early end it can go on from: what is in flight is finished, the rest is not begun.
///
/// The other way to end a job, cancellation, is quicker and loses what is in flight.
public final class StopRequest: Sendable {
    private let state = Mutex((isRequested: false, heeding: 0))

    /// No wish yet.
    public init() {}

    /// Whether the job is to end.
    public var isRequested: Bool { state.withLock { $0.isRequested } }

    /// Whether a job is under way, or has ended early, that ends by itself when asked and can be gone on with.
    public var isHeeded: Bool { state.withLock { $0.heeding > 0 } }

    /// Asks the job to end.
    public func request() { state.withLock { $0.isRequested = true } }

    /// Says that this job ends by itself when asked, and can be gone on with then.
    func heed() { state.withLock { $0.heeding += 1 } }

    /// Says that there is nothing left to go on with.
    func release() { state.withLock { $0.heeding = max(0, $0.heeding - 1) } }
}
