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
    /// Keys of the source, of earlier runs and of all, that are to be looked for again at the end.
    private let doubtfulBefore: [KVKey]
    private var doubtfulKeys: [KVKey]
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
            doubtfulBefore = []
            doubtfulKeys = []
            return
        }
        earlier = RequestTotals(requests: checkpoint.requests, retriesByCause: checkpoint.retriesByCause)
        lastKey = checkpoint.lastKey.map { KVKey($0) }
        lastWritten = checkpoint.lastWritten
        doubtfulBefore = checkpoint.doubtfulKeys.map { KVKey($0) }
        doubtfulKeys = doubtfulBefore
        report.add(checkpoint)
    }

    mutating func run() async throws -> ReplayReport {
        let surplus = try await announcedSurplus()
        // Before the first write, so that whatever a kill leaves in the namespace is known to be ours.
        try await save()
        if journal != nil { job.options.stop?.heed() }
        do {
            guard try await replay(), try await delete(surplus) else {
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
        countRequests()
        report.floor = RequestFloor.writing(keys: report.written) + RequestFloor.deleting(keys: report.deleted)
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
        try await journal?.save(report, through: lastKey, lastWritten: lastWritten, doubtful: doubtfulKeys)
    }

    /// Lines to be written, and the keys that were passed over on the way to them.
    private struct Step: Sendable {
        var chunk: Chunker.Chunk?
        var passed: [SelectingCursor.Passed]
    }

    /// Sends what is left to send; whether the end was reached.
    private mutating func replay() async throws -> Bool {
        let sink = sink
        let isDryRun = job.options.isDryRun
        let source = job.source.records(after: lastKey)
        var isAtEnd = false
        try await withSelection(of: source) { cursor in
            try await forEachInOrder(width: { _ in job.options.concurrency }) {
                if job.options.stop?.isRequested == true {
                    // Asked to stop after the last record is not stopped.
                    isAtEnd = try await cursor.isAtEnd()
                    return nil
                }
                let step = try await nextStep(&cursor)
                isAtEnd = step == nil
                return step
            } transform: { (step: Step) in
                guard let chunk = step.chunk else { return (WrittenChunk(), step.passed) }
                return (isDryRun ? sink.rehearse(chunk) : await sink.write(chunk), step.passed)
            } consume: { (done: (WrittenChunk, [SelectingCursor.Passed])) in
                try await note(done.0, passed: done.1, of: source)
            }
        }
        if isAtEnd { try await noteRest(of: source) }
        return isAtEnd
    }

    /// Lends a cursor over the records that are to be written.
    private func withSelection(
        of source: any RecordSource, _ body: (inout SelectingCursor) async throws -> Void
    ) async throws {
        try await withCursor(over: source) { records in
            try await withTarget { target in
                var cursor = SelectingCursor(records, target: target)
                try await body(&cursor)
            }
        }
    }

    /// Lends a cursor over what the target has, as far as that decides what is written.
    private func withTarget(_ body: (TargetCursor) async throws -> Void) async throws {
        let (client, namespace) = (job.client, job.namespace)
        let selected = job.source.selected
        // A namespace that is only pretended has nothing.
        if namespace.id.rawValue.isEmpty { return try await body(TargetCursor()) }
        let position = ListPosition(lastKey: lastKey)
        switch job.options.onConflict {
        case .keepExisting:
            try await body(
                TargetCursor(keeping: ListedKeys(client, namespace.id, prefix: selected.span, after: position)))
        case .merge, .mirror:
            guard job.options.isDifferential else { return try await body(TargetCursor()) }
            var options = NamespaceSource.Options()
            options.previous = job.source.archive
            let whole = NamespaceSource(namespace, client: client, options: options).selecting(selected)
            try await withCursor(over: whole.records(after: lastKey)) { try await body(TargetCursor(comparing: $0)) }
        case .refuse: try await body(TargetCursor())
        }
    }

    private func nextStep(_ cursor: inout SelectingCursor) async throws -> Step? {
        let size = sink.size
        let pairs = min(job.options.chunkPairs, size.pairs)
        let bytes = min(job.options.chunkBytes, size.bytes)
        let chunk = try await Chunker(pairs: pairs, requestBytes: bytes, preferredBytes: job.options.preferredBytes)
            .next(from: &cursor)
        let passed = cursor.takePassed()
        return chunk == nil && passed.isEmpty ? nil : Step(chunk: chunk, passed: passed)
    }

    /// Writes down how far a chunk was written, whether or not that is to its end.
    private mutating func note(
        _ written: WrittenChunk, passed: [SelectingCursor.Passed], of source: any RecordSource
    ) async throws {
        report.add(written.outcome)
        var settled = written.lastKey
        if written.error == nil, let last = passed.last?.key { settled = max(settled ?? last, last) }
        lastWritten = written.outcome.lastWritten ?? lastWritten
        if let settled {
            for one in passed where one.key <= settled { note(one) }
            noteHoles(source.holes, through: settled)
            doubtfulKeys = doubtfulBefore + source.doubtfulKeys.filter { $0 <= settled }
        }
        lastKey = settled ?? lastKey
        try await save()
        if let error = written.error { throw error }
        reportProgress()
    }

    private mutating func note(_ passed: SelectingCursor.Passed) {
        report.add(passed)
        // What need not be written is in the namespace as much as what was.
        if lastWritten.map({ $0.key < passed.key }) ?? true {
            lastWritten = WriteOutcome.Landmark(key: passed.key, expiration: passed.expiration)
        }
    }

    /// Notes what the source could not give, once all of it was walked.
    private mutating func noteRest(of source: any RecordSource) async throws {
        noteHoles(source.holes, through: nil)
        let again = try await job.source.lookAgain(at: doubtfulBefore + source.doubtfulKeys)
        noteHoles(again.unreadable, through: nil)
        for line in again.present where try await isMissed(line) {
            let chunk = Chunker.Chunk.bulk([line])
            let written = job.options.isDryRun ? sink.rehearse(chunk) : await sink.write(chunk)
            report.add(written.outcome)
            if let error = written.error { throw error }
        }
    }

    /// Whether a record that was not there at first is to be written.
    private func isMissed(_ line: RecordLine) async throws -> Bool {
        guard job.options.onConflict == .keepExisting, !job.namespace.id.rawValue.isEmpty else { return true }
        return try await job.client.listedKey(line.key, in: job.namespace.id) == nil
    }

    /// Notes what the source could not give up to a key; without one, all of it.
    private mutating func noteHoles(_ holes: [Hole], through key: KVKey?) {
        if holes.isEmpty { return }
        let known = Set(report.sourceHoles.map(\.key))
        report.sourceHoles += holes.filter { hole in
            !known.contains(hole.key) && key.map { hole.key <= $0 } ?? true
        }
    }

    private func reportProgress() {
        var done = JobProgress()
        done.records = report.written + report.expired + report.kept + report.unchanged + report.holes.count
        done.valueBytes = report.writtenBytes
        done.requests = report.requests.values.boundedSum
        done.recordsExpected = job.source.recordCount
        progress(done)
    }
}

// MARK: - Mirrors

extension ReplayRun {
    private var mirroring: Mirroring {
        get throws(TransferError) {
            if job.options.deletions != nil {
                return Mirroring(source: job.source, scope: "", namespace: job.namespace, client: job.client)
            }
            guard let scope = job.source.scope else {
                throw TransferError(
                    .unknownScope,
                    "keys of \(job.source.name) are chosen or renamed, so that a mirror cannot tell what is to be deleted; "
                        + "nothing was written")
            }
            return Mirroring(source: job.source, scope: scope, namespace: job.namespace, client: job.client)
        }
    }

    /// The keys that are going to be deleted.
    private func surplus() async throws -> KeySpool? {
        if let named = job.options.deletions { return named.spool }
        guard job.options.onConflict == .mirror, !job.namespace.id.rawValue.isEmpty else { return nil }
        return try await mirroring.surplus()
    }

    /// The keys that are going to be deleted, once whoever answers for them agrees.
    private func announcedSurplus() async throws -> KeySpool? {
        guard let surplus = try await surplus() else { return nil }
        if job.options.isDryRun || surplus.count <= job.options.deletionsMaximum { return surplus }
        if await job.options.confirmDeletions?(surplus.count) == true { return surplus }
        try Task.checkCancellation()
        let isMirror = job.options.deletions == nil
        throw TransferError(
            .tooManyDeletions,
            "\(isMirror ? "a mirror" : job.source.name) would delete \(surplus.count) keys of "
                + "\(KVKey(job.namespace.title))\(isMirror ? " that \(job.source.name) does not have" : ""), the first is "
                + "\(surplus.first?.description ?? "none"); nothing was written")
    }

    /// Deletes a surplus; whether its end was reached.
    private mutating func delete(_ surplus: KeySpool?) async throws -> Bool {
        guard let surplus else { return true }
        if job.options.isDryRun {
            report.deleted = surplus.count
            return true
        }
        let mirroring = try mirroring
        // What an earlier run could not delete is tried again.
        report.notDeleted = []
        var remaining = surplus
        if job.options.deletions == nil {
            remaining = try await mirroring.remaining(of: surplus, unreadable: report.sourceHoles)
        } else {
            // Named keys are deleted again, whether or not they still are there.
            report.deleted = 0
        }
        return try await mirroring.delete(remaining, until: job.options.stop) { deleted, holes in
            report.deleted += deleted
            report.notDeleted += holes
            try await save()
        }
    }
}
