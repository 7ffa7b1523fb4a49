/// One run of a backup: from where the journal says to the archive's manifest, or to an end it can be gone on from.
struct BackupRun {
    /// The checkpoint, a part or a segment is not what it was when it was written.
    struct UnusableCheckpoint: Error {}

    private let job: BackupJob
    private var journal: BackupJournal
    private let previous: Archive?
    private let progress: ProgressReceiver
    /// What the client had sent before this run.
    private let sentBefore: RequestStatistics
    /// What earlier runs have sent.
    private let earlier: RequestTotals

    init(job: BackupJob, journal: BackupJournal, previous: Archive?, progress: @escaping ProgressReceiver) {
        self.job = job
        self.journal = journal
        self.previous = previous
        self.progress = progress
        sentBefore = job.client.statistics
        earlier = RequestTotals(
            requests: journal.checkpoint.requests, retriesByCause: journal.checkpoint.retriesByCause)
    }

    /// Where the records go at first: a second look at the list needs what the first one has found.
    private var readPath: String {
        job.options.settles ? VaultName.join(journal.folder, "read") : journal.checkpoint.archive
    }

    mutating func run() async throws -> BackupReport {
        if journal.isResumed, journal.isWorthKeeping { announceResumption() }
        do {
            var manifest = try await readManifest()
            if job.options.settles { manifest = try await settle() }
            try await journal.remove()
            return BackupReport(path: journal.checkpoint.archive, manifest: manifest)
        } catch {
            if !journal.isWorthKeeping, !(error is UnusableCheckpoint) { await removeAll() }
            throw error
        }
    }

    private func announceResumption() {
        let checkpoint = journal.checkpoint
        job.options.onResume?(
            ResumedBackup(
                path: checkpoint.archive, startedAt: UnixTime(seconds: checkpoint.startedAt),
                savedAt: UnixTime(seconds: checkpoint.savedAt), records: journal.records,
                requests: checkpoint.requests.values.boundedSum))
    }

    /// Leaves nothing of a run that has read nothing; what cannot be removed is known to be unfinished.
    private func removeAll() async {
        try? await job.vault.removeFolder(journal.checkpoint.archive)
        try? await journal.remove()
    }

    /// What this run has sent so far.
    private var sent: RequestStatistics { job.client.statistics.since(sentBefore) }

    // MARK: Reading

    /// Reads the namespace, unless an earlier run has done that and was interrupted later.
    private mutating func readManifest() async throws -> Manifest {
        if job.options.settles, let manifest = try? await Archive.readManifest(in: job.vault, at: readPath) {
            return manifest
        }
        return try await read()
    }

    private mutating func read() async throws -> Manifest {
        var options = job.options.archive
        options.id = journal.checkpoint.id
        let kept = journal.checkpoint.parts.map(\.summary)
        var areKeptRecordsSound = false
        do {
            return try await withResumableArchiveWriter(
                in: job.vault, at: readPath, options: options, keeping: kept
            ) { writer in
                try await journal.forEachKeptBatch { try await writer.append($0) }
                areKeptRecordsSound = true
                return try await read(into: writer)
            }
        } catch let error where journal.isResumed && !areKeptRecordsSound && Self.saysDamage(error) {
            throw UnusableCheckpoint()
        }
    }

    private static func saysDamage(_ error: any Error) -> Bool {
        error is ArchiveError || (error as? VaultError)?.code == .notFound || (error as? VaultError)?.code == .notAFile
    }

    /// Reads what is left to read; whatever ends it, what was read is in the checkpoint.
    private mutating func read(into writer: ArchiveWriter) async throws -> ArchiveProvenance {
        let source = source()
        source.tally.add(journal.checkpoint.counts.counts)
        try await read(source, into: writer)
        var counts = source.tally.counts
        // A second look reads them again anyhow.
        if !job.options.settles { try await checkVanished(&counts) }
        return provenance(counts, statistics(counts, floor(counts, writer.totals)))
    }

    /// Walks the source; checkpoints are written beside the walk, which would otherwise wait for the disk again and again.
    private mutating func read(_ source: NamespaceSource, into writer: ArchiveWriter) async throws {
        try await withThrowingTaskGroup(of: BackupCheckpoint.self) { saving in
            do {
                let isAtEnd = try await source.forEachReadBatch(
                    after: journal.position, stop: job.options.stop
                ) { batch in
                    journal.note(batch)
                    if !batch.lines.isEmpty { try await writer.append(batch.lines) }
                    report(writer.totals)
                    let sent = sent
                    guard journal.isDue(requests: sent.total) else { return }
                    if let checkpoint = try await saving.next() { journal.saved(checkpoint) }
                    let save = await beginSave(writer, source.tally.counts, sent)
                    saving.addTask { try await save.write() }
                }
                guard isAtEnd else { throw interruption(writer.totals) }
                if let checkpoint = try await saving.next() { journal.saved(checkpoint) }
            } catch {
                // The error is what matters; when this fails too, as on a full disk, the checkpoint before it stands.
                if let checkpoint = try? await saving.next() { journal.saved(checkpoint) }
                let save = await beginSave(writer, source.tally.counts, sent)
                if let checkpoint = try? await save.write() { journal.saved(checkpoint) }
                throw error
            }
        }
    }

    /// The fewest requests that can list all keys and read those that are wanted.
    private func floor(_ counts: ReadTally.Counts, _ totals: ArchiveTotals) -> Int {
        if job.options.selection.isPrefix { return RequestFloor.reading(keys: counts.keysListed) }
        return RequestFloor.listing(keys: counts.keysListed)
            + RequestFloor.getting(keys: totals.records + counts.keysVanished + counts.holes.count)
    }

    private func checkVanished(_ counts: inout ReadTally.Counts) async throws {
        let vanished = VanishedKeys(client: job.client, namespace: job.namespace.id)
        // A key that was written again has gone and come: that it is not in the backup is as it should be.
        let holes = try await vanished.lookAgain(at: counts.vanishedKeys).unreadable
        counts.keysVanished -= holes.count
        counts.holes += holes
    }

    private func source() -> NamespaceSource {
        var options = NamespaceSource.Options()
        options.prefix = job.options.prefix
        options.concurrency = job.options.concurrency
        options.isExact = job.options.isExact
        options.previous = previous
        return NamespaceSource(job.namespace, client: job.client, options: options).reading(job.options.selection)
    }

    private mutating func beginSave(
        _ writer: ArchiveWriter, _ counts: ReadTally.Counts, _ sent: RequestStatistics
    ) async -> BackupSave {
        let parts = await writer.finishedParts
        return journal.beginSave(
            BackupJournal.Progress(parts: parts, counts: counts, requests: sent, total: earlier.adding(sent)))
    }

    private func report(_ totals: ArchiveTotals) {
        progress(
            JobProgress(
                records: totals.records, valueBytes: totals.valueBytes,
                requests: sent.total.addingBounded(earlier.requests.values.boundedSum)))
    }

    private func interruption(_ totals: ArchiveTotals) -> TransferError {
        TransferError(
            .interrupted, "the backup of \(KVKey(job.namespace.title)) was stopped after \(totals.records) records")
    }

    // MARK: A second look

    /// Walks the list again and writes the final archive from what was read and what has changed since.
    private mutating func settle() async throws -> Manifest {
        try await journal.save(earlier.adding(sent))
        do {
            return try await settle(try await Archive.open(in: job.vault, at: readPath))
        } catch let error where !(error is ArchiveError) {
            // The error is what matters; without this, only the count of requests would be too low.
            try? await journal.save(earlier.adding(sent))
            throw error
        } catch {
            // Is it what was read that is not whole any more, or what is being written?
            let isSound = try? await Archive.open(in: job.vault, at: readPath).verify().isSound
            if isSound != true { throw UnusableCheckpoint() }
            throw error
        }
    }

    private mutating func settle(_ staged: Archive) async throws -> Manifest {
        let source = SettledSource(staged: staged, namespace: source(), clock: job.options.archive.now)
        var options = job.options.archive
        options.id = journal.checkpoint.id
        return try await withResumableArchiveWriter(
            in: job.vault, at: journal.checkpoint.archive, options: options, keeping: []
        ) { writer in
            let isAtEnd = try await source.forEachSettledBatch(stop: job.options.stop) { lines in
                try await writer.append(lines)
                report(writer.totals)
            }
            guard isAtEnd else { throw interruption(writer.totals) }
            var counts = source.tally.counts
            try await checkVanished(&counts)
            return provenance(settled: source, counts, staged.manifest)
        }
    }

    private func provenance(
        settled source: SettledSource, _ second: ReadTally.Counts, _ staged: Manifest
    ) -> ArchiveProvenance {
        let first = staged.read ?? ReadStatistics()
        var counts = second
        counts.keysVanished = counts.keysVanished.addingBounded(first.keysVanished)
        counts.keysReread = counts.keysReread.addingBounded(first.keysReread)
        counts.keysDoubled = counts.keysDoubled.addingBounded(first.keysDoubled)
        counts.listsRestarted = counts.listsRestarted.addingBounded(first.listsRestarted)
        let floor = first.floor.addingBounded(RequestFloor.listing(keys: second.keysListed))
        var statistics = statistics(counts, floor)
        statistics.settled = source.findings
        return provenance(counts, statistics)
    }

    // MARK: What the manifest says

    private func statistics(_ counts: ReadTally.Counts, _ floor: Int) -> ReadStatistics {
        let total = earlier.adding(sent)
        var statistics = ReadStatistics(
            requests: total.requests, floor: floor, retries: total.retries, keysListed: counts.keysListed,
            keysVanished: counts.keysVanished, keysReread: counts.keysReread)
        statistics.retriesByCause = total.retriesByCause
        statistics.keysDoubled = counts.keysDoubled
        statistics.listsRestarted = counts.listsRestarted
        statistics.runs = journal.checkpoint.runs
        return statistics
    }

    private func provenance(_ counts: ReadTally.Counts, _ statistics: ReadStatistics) -> ArchiveProvenance {
        ArchiveProvenance(
            tool: job.options.tool,
            startedAt: UnixTime(seconds: journal.checkpoint.startedAt),
            source: ArchiveSource(
                apiBaseURL: job.client.options.baseURL,
                accountID: job.client.options.accountID,
                namespaceID: job.namespace.id,
                namespaceTitle: job.namespace.title,
                prefix: job.options.prefix.utf8.isEmpty ? nil : job.options.prefix,
                filters: job.options.selection.rules
            ),
            read: statistics,
            holes: counts.holes.sorted { $0.key < $1.key }
        )
    }
}
