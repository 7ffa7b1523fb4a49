/// Hands frames to compressors that work at the same time, and their results back in any order.
///
/// The compressors are tasks that call ``work(level:)``; the one who submits frames also fetches the results, and so
/// decides how many frames are in flight.
actor FramePipeline {
    typealias Ticket = Int
    private typealias Job = (ticket: Ticket, raw: [UInt8])

    private var jobs: [Job] = []
    private var idleCompressors: [CheckedContinuation<Job?, Never>] = []
    private var results: [Ticket: Result<[UInt8], ArchiveError>] = [:]
    private var fetcher: (ticket: Ticket, continuation: CheckedContinuation<Void, Never>)?
    private var nextTicket = 0
    private var isClosed = false

    /// Gives a frame to the compressors.
    func submit(_ raw: [UInt8]) -> Ticket {
        let job = (ticket: nextTicket, raw: raw)
        nextTicket += 1
        if let compressor = idleCompressors.popLast() {
            compressor.resume(returning: job)
        } else {
            jobs.append(job)
        }
        return job.ticket
    }

    /// Waits for a frame to be compressed.
    func result(of ticket: Ticket) async throws(ArchiveError) -> [UInt8] {
        if results[ticket] == nil {
            await withCheckedContinuation { fetcher = (ticket, $0) }
        }
        guard let result = results.removeValue(forKey: ticket) else {
            throw ArchiveError(.misuse, "a compressed frame was asked for twice")
        }
        return try result.get()
    }

    /// Lets the compressors go home once their work is done.
    func close() {
        isClosed = true
        jobs = []
        for compressor in idleCompressors { compressor.resume(returning: nil) }
        idleCompressors = []
    }

    /// Compresses frames until the pipeline is closed.
    ///
    /// Not cancelled midway: a frame takes milliseconds, and someone may be waiting for it.
    nonisolated func work(level: Int) async {
        let compressor = Result { () throws(ArchiveError) in try ZstdCompressor(level: level) }
        while let job = await nextJob() {
            await deliver(
                Result { () throws(ArchiveError) in try compressor.get().frame(of: job.raw) }, for: job.ticket)
        }
    }

    private func nextJob() async -> Job? {
        if isClosed { return nil }
        if !jobs.isEmpty { return jobs.removeFirst() }
        return await withCheckedContinuation { idleCompressors.append($0) }
    }

    private func deliver(_ result: Result<[UInt8], ArchiveError>, for ticket: Ticket) {
        results[ticket] = result
        guard let waiting = fetcher, waiting.ticket == ticket else { return }
        fetcher = nil
        waiting.continuation.resume()
    }
}
