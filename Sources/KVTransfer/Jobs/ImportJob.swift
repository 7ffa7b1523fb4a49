/// Writes the records of any sorted source into a live namespace.
///
/// Unlike a restore it keeps no checkpoint: an import that was interrupted is run again from its start, which does no
/// harm.
public struct ImportJob: Sendable {
    /// How records are written.
    public struct Options: Sendable {
        /// What happens when the namespace has keys.
        public var onConflict = RestoreJob.Conflict.refuse
        /// What happens to records that expire too soon for the API to take them.
        public var expiring = ExpiringRecords.skip
        /// Whether only to say what would be done.
        public var isDryRun = false
        /// How many bulk writes are in flight at the most.
        public var concurrency = 2
        /// How many records there are, for the progress.
        public var recordsExpected: Int?

        /// The defaults: into an empty namespace.
        public init() {}
    }

    private let source: any RecordSource
    private let namespace: Namespace
    private let client: KVClient
    private let options: Options
    private let clock: @Sendable () -> UnixTime

    /// An import into one namespace.
    ///
    /// - Parameters:
    ///   - source: The records; walked twice if `expiring` is `fail`.
    ///   - namespace: The namespace.
    ///   - client: A client for its account.
    ///   - options: How to write.
    ///   - clock: Tells the time, by which expired records are recognised.
    public init(
        of source: any RecordSource, to namespace: Namespace, client: KVClient, options: Options = Options(),
        clock: @escaping @Sendable () -> UnixTime = UnixTime.now
    ) {
        self.source = source
        self.namespace = namespace
        self.client = client
        self.options = options
        self.clock = clock
    }

    /// Writes the records.
    ///
    /// - Parameter progress: Told how far the import is.
    /// - Returns: What was written and what was not.
    /// - Throws: ``TransferError`` with `targetNotEmpty` or `recordsExpiring`, before anything is written; ``KVError``; the
    ///   source's errors; `CancellationError`. What was written before an error stays.
    public func run(progress: @escaping ProgressReceiver = { _ in }) async throws -> ImportReport {
        if options.expiring == .fail { try await source.checkNothingExpires(at: clock()) }
        if options.onConflict == .refuse {
            try await TargetNamespace(namespace: namespace, client: client).checkIsEmpty()
        }
        let sentBefore = client.statistics
        let sink = NamespaceSink(client: client, namespace: namespace, expiring: options.expiring, clock: clock)
        var report = ImportReport(source: source.name, namespace: namespace, isDryRun: options.isDryRun)
        let isDryRun = options.isDryRun
        try await withCursor(over: source) { cursor in
            // A cursor is lent by reference and cannot be captured; a copy serves, because only this task moves it.
            var cursor = cursor
            try await forEachInOrder(width: { _ in options.concurrency }) {
                let size = sink.size
                return try await Chunker(pairs: size.pairs, requestBytes: size.bytes).next(from: &cursor)
            } transform: { (chunk: Chunker.Chunk) in
                isDryRun ? sink.rehearse(chunk) : await sink.write(chunk)
            } consume: { (written: WrittenChunk) in
                report.add(written.outcome)
                if let error = written.error { throw error }
                report.requests = RequestTotals().adding(client.statistics.since(sentBefore)).requests
                progress(report.progress(of: options.recordsExpected))
            }
        }
        report.requests = RequestTotals().adding(client.statistics.since(sentBefore)).requests
        return report
    }
}

/// What an import did, or would do.
public struct ImportReport: Hashable, Sendable {
    /// Where the records came from.
    public var source: String
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
    /// The first of their keys, as many as a restore names.
    public var expiredKeys: [KVKey] = []
    /// Records written with a later expiration than they had, because theirs was too soon.
    public var extended = 0
    /// Keys that the API did not take.
    public var holes: [Hole] = []
    /// Requests by kind.
    public var requests: [String: Int] = [:]

    init(source: String, namespace: Namespace, isDryRun: Bool) {
        self.source = source
        self.namespace = namespace
        self.isDryRun = isDryRun
    }

    mutating func add(_ outcome: WriteOutcome) {
        written += outcome.written
        writtenBytes += outcome.writtenBytes
        expired += outcome.expired.count
        expiredKeys += outcome.expired.prefix(max(0, RestoreReport.expiredKeysMaximum - expiredKeys.count))
        extended += outcome.extended
        holes += outcome.holes
    }

    func progress(of recordsExpected: Int?) -> JobProgress {
        JobProgress(
            records: written + expired + holes.count, valueBytes: writtenBytes,
            requests: requests.values.reduce(0, +), recordsExpected: recordsExpected)
    }
}
