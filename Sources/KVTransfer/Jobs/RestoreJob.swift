/// Replays an archive into a live namespace.
///
/// Before the first request that writes, the archive is verified from end to end and the namespace is checked to be
/// empty, unless the caller says that its keys may be overwritten.
public struct RestoreJob: Sendable {
    /// What a restore does with a namespace that has keys.
    public enum Conflict: Hashable, Sendable {
        /// Refuses it.
        case refuse
        /// Writes over keys that the archive has too and leaves the others.
        case merge
    }

    /// What is to be restored, and how.
    public struct Options: Sendable {
        /// What keys must start with to be restored.
        public var prefix: KVKey = ""
        /// What happens when the namespace has keys.
        public var onConflict = Conflict.refuse
        /// Whether only to say what would be done.
        public var isDryRun = false
        /// Whether the caller has just verified the archive, so that it is not done again.
        public var isArchiveVerified = false
        /// How many bulk writes are in flight at the most.
        public var concurrency = 2
        /// The most pairs of a request.
        public var chunkPairs = KVLimits.bulkWritePairs
        /// The largest request, in bytes.
        public var chunkBytes = Chunker.requestBytesDefault

        /// The defaults: everything, into an empty namespace.
        public init() {}
    }

    private let archive: Archive
    private let namespace: Namespace
    private let client: KVClient
    private let options: Options
    private let clock: @Sendable () -> UnixTime

    /// A restore into one namespace.
    ///
    /// - Parameters:
    ///   - archive: The archive.
    ///   - namespace: The namespace.
    ///   - client: A client for its account.
    ///   - options: What is to be restored.
    ///   - clock: Tells the time, by which expired records are recognised.
    public init(
        of archive: Archive, to namespace: Namespace, client: KVClient, options: Options = Options(),
        clock: @escaping @Sendable () -> UnixTime = UnixTime.now
    ) {
        self.archive = archive
        self.namespace = namespace
        self.client = client
        self.options = options
        self.clock = clock
    }

    /// Restores the archive.
    ///
    /// - Parameter progress: Told how far the restore is.
    /// - Returns: What was written and what was not.
    /// - Throws: ``TransferError`` with `archiveDamaged` or `targetNotEmpty`; ``KVError``, `ArchiveError`, `VaultError`;
    ///   `CancellationError`. What was written before an error stays: the same restore can be run again with
    ///   ``Conflict/merge``.
    public func run(progress: ProgressReceiver = { _ in }) async throws -> RestoreReport {
        if !options.isArchiveVerified { try await Self.check(archive) }
        let before = client.statistics
        if options.onConflict == .refuse { try await checkTargetIsEmpty() }
        var report = RestoreReport(archive: archive.place, namespace: namespace, isDryRun: options.isDryRun)
        try await replay(into: &report, before: before, progress)
        report.archiveHoles = archive.manifest.holes
        report.requests = client.statistics.since(before).byName
        report.retries = client.statistics.since(before).retries
        report.floor = RequestFloor.writing(keys: report.written)
        return report
    }

    /// Verifies an archive from end to end.
    ///
    /// - Parameter archive: The archive.
    /// - Throws: ``TransferError`` with `archiveDamaged`; `VaultError`; `CancellationError`.
    public static func check(_ archive: Archive) async throws {
        let verification = try await archive.verify()
        guard let damage = verification.damages.first else { return }
        throw TransferError(
            .archiveDamaged,
            "\(archive.place) is damaged, nothing was written: \(damage)"
                + (verification.damages.count > 1 ? " (and \(verification.damages.count - 1) more)" : ""))
    }

    private func checkTargetIsEmpty() async throws {
        for try await page in client.keyPages(in: namespace.id, limit: KVLimits.listMinimum) {
            guard let listed = page.keys.first else { continue }
            throw TransferError(
                .targetNotEmpty,
                "namespace \(KVKey(namespace.title)) is not empty (it has key \(listed.key)), nothing was written")
        }
    }

    private func replay(
        into report: inout RestoreReport, before: RequestStatistics, _ progress: ProgressReceiver
    ) async throws {
        let sink = NamespaceSink(client: client, namespace: namespace.id, clock: clock)
        let chunker = Chunker(pairs: options.chunkPairs, requestBytes: options.chunkBytes)
        let isDryRun = options.isDryRun
        var done = JobProgress()
        done.recordsExpected = options.prefix.utf8.isEmpty ? archive.manifest.totals.records : nil
        try await withCursor(over: ArchiveRecordSource(archive, prefix: options.prefix)) { cursor in
            try await forEachInOrder(width: options.concurrency) {
                try await chunker.next(from: &cursor)
            } transform: { chunk in
                isDryRun ? sink.rehearse(chunk) : try await sink.write(chunk)
            } consume: { outcome in
                report.add(outcome)
                done.records += outcome.written + outcome.expired.count + outcome.holes.count
                done.valueBytes += outcome.writtenBytes
                done.requests = client.statistics.since(before).total
                progress(done)
            }
        }
    }
}

/// What a restore did, or would do.
public struct RestoreReport: Hashable, Sendable {
    /// The archive that was replayed.
    public var archive: String
    /// The namespace that was written to.
    public var namespace: Namespace
    /// Whether nothing was sent, and the numbers say what would be.
    public var isDryRun: Bool
    /// Records written.
    public var written = 0
    /// Bytes of their values.
    public var writtenBytes = 0
    /// Records left out, because they have expired or will within a minute and a half.
    public var expired = 0
    /// The first of their keys.
    public var expiredKeys: [KVKey] = []
    /// Keys that the API did not take.
    public var holes: [Hole] = []
    /// Keys that the backup could not read, so that the archive does not have them.
    public var archiveHoles: [Hole] = []
    /// Requests by kind.
    public var requests: [String: Int] = [:]
    /// How many of them were repetitions.
    public var retries = 0
    /// The fewest requests that can write so many records.
    public var floor = 0

    /// How many expired keys are named.
    public static let expiredKeysMaximum = 100

    init(archive: String, namespace: Namespace, isDryRun: Bool) {
        self.archive = archive
        self.namespace = namespace
        self.isDryRun = isDryRun
    }

    /// Whether every record that the namespace had, and that has not expired, was written.
    public var isWhole: Bool { holes.isEmpty && archiveHoles.isEmpty }

    mutating func add(_ outcome: NamespaceSink.Outcome) {
        written += outcome.written
        writtenBytes += outcome.writtenBytes
        expired += outcome.expired.count
        expiredKeys += outcome.expired.prefix(Self.expiredKeysMaximum - expiredKeys.count)
        holes += outcome.holes
    }
}

extension NamespaceSink {
    /// What writing a chunk would come to.
    func rehearse(_ chunk: Chunker.Chunk) -> Outcome {
        let (lasting, expired) = judge(chunk.lines)
        return Outcome(
            written: lasting.count, writtenBytes: lasting.reduce(0) { $0 + $1.valueBytes }, expired: expired)
    }
}
