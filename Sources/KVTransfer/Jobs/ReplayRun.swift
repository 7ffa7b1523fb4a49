/// One run of a replay: from the last chunk that was acknowledged to the end of the source.
struct ReplayRun {
    private let job: ReplayJob
    private var journal: ReplayJournal?
    private let progress: ProgressReceiver
    private let sentBefore: RequestStatistics
    private let earlier: RequestTotals
    private var report: ReplayReport
    /// The last key up to which all chunks are acknowledged.
    private var lastKey: KVKey?
    private var lastWritten: WriteOutcome.Landmark?
    private let sink: NamespaceSink

    init(job: ReplayJob, journal: ReplayJournal?, progress: @escaping ProgressReceiver) {
        self.job = job
        self.journal = journal
        self.progress = progress
        sentBefore = job.client.statistics
        sink = NamespaceSink(
            client: job.client, namespace: job.namespace, expiring: job.options.expiring, clock: job.clock)
        report = ReplayReport(
            source: job.source.name, namespace: job.namespace, isDryRun: job.options.isDryRun)
        guard let checkpoint = journal?.checkpoint else {
            earlier = RequestTotals()
            return
        }
        earlier = RequestTotals(requests: checkpoint.requests, retriesByCause: checkpoint.retriesByCause)
        lastKey = checkpoint.lastKey.map { KVKey($0) }
        lastWritten = checkpoint.lastWritten
        report.add(checkpoint)
    }

    mutating func run() async throws -> ReplayReport {
        // Before the first write, so that whatever a kill leaves in the namespace is known to be ours.
        try await save()
        if journal != nil { job.options.stop?.heed() }
        do {
            guard try await replay() else {
                throw TransferError(
                    .interrupted,
                    "writing into \(KVKey(job.namespace.title)) was stopped after \(report.written) records")
            }
        } catch {
            // The error is what matters; when this fails too, the checkpoint before it stands.
            if hasDoneNothing { try? await endJournal() } else { try? await save() }
            throw error
        }
        try await endJournal()
        report.sourceHoles = job.source.holes
        countRequests()
        report.floor = RequestFloor.writing(keys: report.written)
        return report
    }

    /// Whether there is nothing to go on from.
    ///
    /// A checkpoint that is left all the same would vouch for whatever others write into the namespace later.
    private var hasDoneNothing: Bool {
        lastKey == nil && !sink.mayHaveWritten && journal?.followsAnother == false
    }

    private func endJournal() async throws {
        try await journal?.remove()
        job.options.stop?.release()
    }

    private mutating func countRequests() {
        let total = earlier.adding(job.client.statistics.since(sentBefore))
        report.requests = total.requests
        report.retriesByCause = total.retriesByCause
    }

    private mutating func save() async throws {
        countRequests()
        try await journal?.save(report, through: lastKey, lastWritten: lastWritten)
    }

    /// Sends what is left to send; whether the end was reached.
    private mutating func replay() async throws -> Bool {
        let sink = sink
        let isDryRun = job.options.isDryRun
        let source = lastKey.map { job.source.records(after: $0) } ?? job.source
        var isAtEnd = false
        try await withCursor(over: source) { cursor in
            // A cursor is lent by reference and cannot be captured; a copy serves, because only this task moves it.
            var cursor = cursor
            try await forEachInOrder(width: { _ in job.options.concurrency }) {
                if job.options.stop?.isRequested == true {
                    // Asked to stop after the last record is not stopped.
                    isAtEnd = try await cursor.peek() == nil
                    return nil
                }
                let size = sink.size
                let pairs = min(job.options.chunkPairs, size.pairs)
                let bytes = min(job.options.chunkBytes, size.bytes)
                let chunk = try await Chunker(pairs: pairs, requestBytes: bytes).next(from: &cursor)
                isAtEnd = chunk == nil
                return chunk
            } transform: { (chunk: Chunker.Chunk) in
                isDryRun ? sink.rehearse(chunk) : await sink.write(chunk)
            } consume: { (written: WrittenChunk) in
                try await note(written)
            }
        }
        return isAtEnd
    }

    /// Writes down how far a chunk was written, whether or not that is to its end.
    private mutating func note(_ written: WrittenChunk) async throws {
        report.add(written.outcome)
        lastKey = written.lastKey ?? lastKey
        lastWritten = written.outcome.lastWritten ?? lastWritten
        try await save()
        if let error = written.error { throw error }
        reportProgress()
    }

    private func reportProgress() {
        var done = JobProgress()
        done.records = report.written + report.expired + report.holes.count
        done.valueBytes = report.writtenBytes
        done.requests = report.requests.values.reduce(0, +)
        done.recordsExpected = job.source.recordCount
        progress(done)
    }
}
