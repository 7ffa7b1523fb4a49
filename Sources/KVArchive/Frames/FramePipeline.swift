import Glibc

/// Hands frames to workers that work at the same time, and their results back in any order.
///
/// The workers are tasks that call ``work(_:)``; the one who submits frames also fetches the results, and so decides how
/// many frames are in flight.
actor FramePipeline<Frame: Sendable, Product: Sendable> {
    typealias Ticket = Int
    private typealias Job = (ticket: Ticket, frame: Frame)

    private var jobs: [Job] = []
    private var idleWorkers: [CheckedContinuation<Job?, Never>] = []
    private var products: [Ticket: Product] = [:]
    private var fetcher: (ticket: Ticket, continuation: CheckedContinuation<Void, Never>)?
    private var nextTicket = 0
    private var isClosed = false

    /// Gives a frame to the workers.
    func submit(_ frame: Frame) -> Ticket {
        let job = (ticket: nextTicket, frame: frame)
        nextTicket += 1
        if let worker = idleWorkers.popLast() {
            worker.resume(returning: job)
        } else {
            jobs.append(job)
        }
        return job.ticket
    }

    /// Waits for what has become of a frame.
    func product(of ticket: Ticket) async throws(ArchiveError) -> Product {
        if products[ticket] == nil {
            await withCheckedContinuation { fetcher = (ticket, $0) }
        }
        guard let product = products.removeValue(forKey: ticket) else {
            throw ArchiveError(.misuse, "a frame's result was asked for twice")
        }
        return product
    }

    /// Lets the workers go home once their work is done.
    func close() {
        isClosed = true
        jobs = []
        for worker in idleWorkers { worker.resume(returning: nil) }
        idleWorkers = []
    }

    /// Works on frames until the pipeline is closed.
    ///
    /// Not cancelled midway: a frame takes milliseconds, and someone may be waiting for it.
    nonisolated func work(_ process: (Frame) -> Product) async {
        while let job = await nextJob() { await deliver(process(job.frame), for: job.ticket) }
    }

    private func nextJob() async -> Job? {
        if isClosed { return nil }
        if !jobs.isEmpty { return jobs.removeFirst() }
        return await withCheckedContinuation { idleWorkers.append($0) }
    }

    private func deliver(_ product: Product, for ticket: Ticket) {
        products[ticket] = product
        guard let waiting = fetcher, waiting.ticket == ticket else { return }
        fetcher = nil
        waiting.continuation.resume()
    }
}

/// Lets workers work at a pipeline while the body runs.
///
/// - Parameters:
///   - count: How many there are.
///   - pipeline: What they work at; closed at the end.
///   - makeWorker: Makes what a worker needs for itself, such as a context that is used again for each frame.
///   - body: Submits frames and fetches what has become of them.
/// - Returns: What the body returns.
/// - Throws: What the body throws.
func withWorkers<Frame: Sendable, Product: Sendable, Outcome>(
    _ count: Int, for pipeline: FramePipeline<Frame, Product>,
    _ makeWorker: @escaping @Sendable () -> (Frame) -> Product, body: () async throws -> Outcome
) async throws -> Outcome {
    try await withTaskGroup(of: Void.self) { group in
        for _ in 0..<count {
            group.addTask { await pipeline.work(makeWorker()) }
        }
        let outcome: Result<Outcome, any Error>
        do {
            outcome = .success(try await body())
        } catch {
            outcome = .failure(error)
        }
        await pipeline.close()
        return outcome
    }.get()
}

/// How many frames may be worked on at the same time without one waiting for another.
enum Processors {
    /// The processors that are online.
    static let count = max(1, min(16, sysconf(Int32(_SC_NPROCESSORS_ONLN))))
}
