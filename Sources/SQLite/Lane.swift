import Dispatch
import Synchronization

/// A connection that one piece of work has at a time, on a thread that may wait for the disk.
actor Lane {
    private let connection: Connection
    private let executor: LaneExecutor
    /// How many pieces of work have or want the connection.
    nonisolated let load = Atomic<Int>(0)

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    init(_ connection: sending Connection, label: String) {
        self.connection = connection
        executor = LaneExecutor(label: label)
    }

    /// Runs a closure to its end, unless its task was cancelled before its turn came.
    func perform<Result: Sendable>(_ body: @Sendable (Connection) throws -> Result) throws -> Result {
        try Task.checkCancellation()
        return try body(connection)
    }

    /// Moves the log into the file.
    func emptyLog() -> Result<Void, any Error> { Result { try connection.emptyLog() } }

    /// Closes the connection.
    func close() -> Result<Void, any Error> { Result { try connection.close() } }
}

/// Runs the jobs of an actor on a dispatch queue, so that no thread of the cooperative pool waits for a disk.
private final class LaneExecutor: SerialExecutor {
    private let queue: DispatchQueue

    init(label: String) { queue = DispatchQueue(label: label) }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedSerialExecutor()) }
    }
}
