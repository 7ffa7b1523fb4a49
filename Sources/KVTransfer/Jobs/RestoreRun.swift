/// One run of a restore: from the last chunk that was acknowledged to the end of the archive.
struct RestoreRun {
    private let job: RestoreJob
    private var journal: RestoreJournal?
    private let progress: ProgressReceiver
    private let sentBefore: RequestStatistics
    private let earlier: RequestTotals
    private var report: RestoreReport
    /// The last key up to which all chunks are acknowledged.
    private var lastKey: KVKey?

    init(job: RestoreJob, journal: RestoreJournal?, progress: @escaping ProgressReceiver) {
        self.job = job
        self.journal = journal
        self.progress = progress
        sentBefore = job.client.statistics
        report = RestoreReport(
            archive: job.archive.place, namespace: job.namespace, isDryRun: job.options.isDryRun)
        guard let checkpoint = journal?.checkpoint else {
            earlier = RequestTotals()
            return
        }
        earlier = RequestTotals(requests: checkpoint.requests, retriesByCause: checkpoint.retriesByCause)
        lastKey = checkpoint.lastKey.map { KVKey($0) }
        report.add(checkpoint)
    }

    mutating func run() async throws -> RestoreReport {
        // Before the first write, so that whatever a kill leaves in the namespace is known to be ours.
        try await save()
        do {
            guard try await replay() else {
                throw TransferError(
                    .interrupted,
                    "the restore into \(KVKey(job.namespace.title)) was stopped after \(report.written) records")
            }
        } catch {
            // The error is what matters; when this fails too, the checkpoint before it stands.
            try? await save()
            throw error
        }
        try await journal?.remove()
        report.archiveHoles = job.archive.manifest.holes
        countRequests()
        report.floor = RequestFloor.writing(keys: report.written)
        return report
    }

    private mutating func countRequests() {
        let total = earlier.adding(job.client.statistics.since(sentBefore))
        report.requests = total.requests
        report.retriesByCause = total.retriesByCause
    }

    private mutating func save() async throws {
        countRequests()
        try await journal?.save(report, through: lastKey)
    }

    /// Sends what is left to send; whether the end was reached.
    private mutating func replay() async throws -> Bool {
        let sink = NamespaceSink(
            client: job.client, namespace: job.namespace.id, expiring: job.options.expiring, clock: job.clock)
        let isDryRun = job.options.isDryRun
        let source = ArchiveRecordSource(job.archive, prefix: job.options.prefix, after: lastKey)
        var isAtEnd = false
        try await withCursor(over: source) { cursor in
            // A cursor is lent by reference and cannot be captured; a copy serves, because only this task moves it.
            var cursor = cursor
            try await forEachInOrder(width: { _ in job.options.concurrency }) {
                if job.options.stop?.isRequested == true { return nil }
                let pairs = min(job.options.chunkPairs, sink.chunkPairs)
                let bytes = min(job.options.chunkBytes, sink.chunkBytes)
                let chunk = try await Chunker(pairs: pairs, requestBytes: bytes).next(from: &cursor)
                isAtEnd = chunk == nil
                return chunk
            } transform: { (chunk: Chunker.Chunk) in
                let outcome = isDryRun ? sink.rehearse(chunk) : try await sink.write(chunk)
                return (outcome: outcome, lastKey: chunk.lines.last?.key)
            } consume: { (outcome: NamespaceSink.Outcome, last: KVKey?) in
                report.add(outcome)
                lastKey = last
                try await save()
                reportProgress()
            }
        }
        return isAtEnd
    }

    private func reportProgress() {
        var done = JobProgress()
        done.records = report.written + report.expired + report.holes.count
        done.valueBytes = report.writtenBytes
        done.requests = report.requests.values.reduce(0, +)
        done.recordsExpected = job.options.prefix.utf8.isEmpty ? job.archive.manifest.totals.records : nil
        progress(done)
    }
}
