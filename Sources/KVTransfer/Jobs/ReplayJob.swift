import Foundation

/// Replays the records of a source into a live namespace: a restore of an archive, an import of files.
///
/// The source is checked before anything is written; an archive is verified from end to end. A replay that was interrupted
/// at any instruction goes on where it was when it is run again, if it was given a place for checkpoints.
public struct ReplayJob: Sendable {
    /// What happens when the namespace is not empty.
    public enum Conflict: String, Hashable, Sendable {
        /// The replay is refused.
        case refuse
        /// Keys that both have get the source's record; other keys stay.
        case merge
        /// Only keys that the namespace does not have are written.
        case keepExisting
        /// As for `merge`; then keys of the source's scope that the source does not have are deleted.
        case mirror
    }

    /// How records are written.
    public struct Options: Sendable {
        /// What happens when the namespace has keys.
        public var onConflict = Conflict.refuse
        /// Whether the namespace is read, and records that it has already are not sent: a write costs ten times what a read
        /// costs.
        ///
        /// For `merge` and `mirror`.
        public var isDifferential = false
        /// Keys that are deleted once all records are written; a mirror finds its own.
        public var deletions: NamedKeys?
        /// How many keys may be deleted; more are an error before anything is written.
        public var deletionsMaximum = 0
        /// Asked when more keys than that would be deleted; told how many, before anything is written.
        public var confirmDeletions: (@Sendable (Int) async -> Bool)?
        /// What happens to records that expire too soon for the API to take them.
        public var expiring = ExpiringRecords.skip
        /// Whether only to say what would be done.
        public var isDryRun = false
        /// How many bulk writes are in flight at the most.
        public var concurrency = 3
        /// The most pairs of a request.
        public var chunkPairs = KVLimits.bulkWritePairs
        /// The largest request, in bytes.
        public var chunkBytes = Chunker.requestBytesDefault
        /// The largest request of more than one pair, in bytes; a few of them are held in memory.
        public var preferredBytes = Chunker.preferredBytesDefault
        /// Where checkpoints are kept, such as a folder of the user's; without one, an interrupted replay starts again.
        public var checkpoints: (any Vault)?
        /// Whether everything is written, also what an unfinished replay has written already.
        public var startsAnew = false
        /// How old an unfinished replay may be to be gone on from, in seconds since its last checkpoint.
        ///
        /// The namespace may have been written to meanwhile; writing everything again is always right.
        public var resumableSeconds: Int64 = 86_400
        /// Ends the replay early, in a way it can be gone on from.
        public var stop: StopRequest?
        /// Told when an unfinished replay is gone on from, before anything is written.
        public var onResume: (@Sendable (ResumedReplay) -> Void)?

        /// The defaults: everything, into an empty namespace.
        public init() {}
    }

    let source: any ResumableSource
    let namespace: Namespace
    let client: KVClient
    let options: Options
    let clock: @Sendable () -> UnixTime

    /// A replay into one namespace.
    ///
    /// - Parameters:
    ///   - source: The records.
    ///   - namespace: The namespace.
    ///   - client: A client for its account.
    ///   - options: How they are written.
    ///   - clock: Tells the time, by which expired records are recognised.
    public init(
        of source: any ResumableSource, to namespace: Namespace, client: KVClient, options: Options = Options(),
        clock: @escaping @Sendable () -> UnixTime = UnixTime.now
    ) {
        self.source = source
        self.namespace = namespace
        self.client = client
        self.options = options
        self.clock = clock
    }

    /// What an unfinished replay into a namespace is made from, if it may be gone on from.
    ///
    /// - Parameters:
    ///   - namespace: The namespace.
    ///   - client: A client for its account.
    ///   - options: How it would be gone on from: checkpoints and ages.
    ///   - now: The time.
    /// - Returns: The source's identity.
    /// - Throws: `VaultError`.
    package static func unfinishedSource(
        of namespace: Namespace, client: KVClient, options: Options, now: UnixTime = .now()
    ) async throws -> String? {
        guard let checkpoints = options.checkpoints, !options.startsAnew else { return nil }
        let folder = ReplayJournal.folder(
            apiBaseURL: client.options.baseURL, accountID: client.options.accountID, namespaceID: namespace.id)
        guard let checkpoint = try await ReplayJournal.checkpoint(in: checkpoints, at: folder),
            now.seconds(since: UnixTime(seconds: checkpoint.savedAt)) <= options.resumableSeconds
        else { return nil }
        return checkpoint.identity.source
    }

    /// Refuses a namespace that has keys, before a source is made for it that takes long to read.
    ///
    /// Says nothing where a replay is unfinished: whether that is gone on from, only its source tells.
    ///
    /// - Parameters:
    ///   - namespace: The namespace.
    ///   - client: A client for its account.
    ///   - checkpoints: Where checkpoints are kept.
    /// - Throws: ``TransferError`` with `targetNotEmpty`; ``KVError``; `VaultError`.
    public static func checkIsEmpty(
        _ namespace: Namespace, client: KVClient, checkpoints: (any Vault)?
    ) async throws {
        let folder = ReplayJournal.folder(
            apiBaseURL: client.options.baseURL, accountID: client.options.accountID, namespaceID: namespace.id)
        if let checkpoints, try await ReplayJournal.checkpoint(in: checkpoints, at: folder) != nil { return }
        try await TargetNamespace(namespace: namespace, client: client).checkIsEmpty()
    }

    /// Writes the records.
    ///
    /// - Parameter progress: Told how far the replay is.
    /// - Returns: What was written and what was not.
    /// - Throws: ``TransferError`` with `archiveDamaged`, `targetNotEmpty`, `recordsExpiring`, `tooManyDeletions`, `unknownScope`
    ///   or `interrupted`; ``KVError``,
    ///   `VaultError` (`locked` when another run writes into the namespace); the source's errors; `CancellationError`. What
    ///   was written before an error stays, and the same replay can be run again.
    public func run(progress: @escaping ProgressReceiver = { _ in }) async throws -> ReplayReport {
        try await source.check()
        guard let checkpoints = options.checkpoints, !options.isDryRun else {
            try await checkTarget(after: nil)
            return try await run(with: nil, progress)
        }
        let folder = ReplayJournal.folder(
            apiBaseURL: client.options.baseURL, accountID: client.options.accountID, namespaceID: namespace.id)
        return try await checkpoints.withLock(on: folder) {
            try await checkpoints.removeLeftovers(in: folder)
            let journal = try await journal(in: checkpoints, at: folder)
            return try await run(with: journal, progress)
        }
    }

    private func run(with journal: ReplayJournal?, _ progress: @escaping ProgressReceiver) async throws
        -> ReplayReport
    {
        if options.expiring == .fail { try await checkNothingExpires(after: journal?.checkpoint.lastKey) }
        var run = ReplayRun(job: self, journal: journal, progress: progress)
        return try await run.run()
    }

    /// Looks through what is left of the source for records that expire too soon, before the first one is written.
    private func checkNothingExpires(after lastKey: String?) async throws {
        let now = clock()
        guard source.mayExpire(before: now + ExpiryJudge.marginSeconds) else { return }
        let rest = source.records(after: lastKey.map { KVKey($0) })
        try await rest.checkNothingExpires(at: now, isFirstRun: lastKey == nil)
    }

    // MARK: Unfinished replays

    private var identity: ReplayCheckpoint.Identity {
        ReplayCheckpoint.Identity(
            source: source.identity, apiBaseURL: client.options.baseURL,
            accountID: client.options.accountID.rawValue, namespaceID: namespace.id.rawValue,
            expiring: options.expiring.rawValue, selection: selection)
    }

    /// Which records are sent; whoever has written all of some keys may be told to merge or to mirror, and goes on.
    private var selection: String {
        if options.onConflict == .keepExisting { return "missing" }
        return options.isDifferential ? "different" : "all"
    }

    /// The journal of the unfinished replay to go on with, or a new one.
    private func journal(in vault: any Vault, at folder: String) async throws -> ReplayJournal {
        let unfinished = try await ReplayJournal.checkpoint(in: vault, at: folder)
        let now = clock()
        guard var checkpoint = unfinished, checkpoint.identity == identity,
            now.seconds(since: UnixTime(seconds: checkpoint.savedAt)) <= options.resumableSeconds,
            checkpoint.beganEmpty || options.onConflict != .refuse
        else {
            try await checkTarget(after: nil)
            return ReplayJournal(newCheckpoint(), in: vault, at: folder, followsAnother: false, clock: clock)
        }
        var goesOn = !options.startsAnew && !isAlwaysAnew
        if goesOn { goesOn = try await isStillThere(checkpoint) }
        try await checkTarget(after: checkpoint, goesOn: goesOn)
        // Once it has merged, what is in the target is not all its own.
        let beganEmpty = checkpoint.beganEmpty && options.onConflict == .refuse
        if goesOn {
            checkpoint.runs += 1
            announceResumption(checkpoint)
        } else {
            checkpoint = newCheckpoint()
        }
        checkpoint.beganEmpty = beganEmpty
        return ReplayJournal(checkpoint, in: vault, at: folder, followsAnother: true, clock: clock)
    }

    /// Whether a replay begins anew each time: what was written is found to be there, and what the source has got since,
    /// before the last key, is not missed; nor can a limit be counted from the middle.
    private var isAlwaysAnew: Bool {
        if !source.isResumable { return true }
        return source.isLive && (options.isDifferential || options.onConflict == .keepExisting)
    }

    private func newCheckpoint() -> ReplayCheckpoint {
        let now = clock().seconds
        return ReplayCheckpoint(
            identity: identity, beganEmpty: options.onConflict == .refuse, startedAt: now, savedAt: now)
    }

    private func announceResumption(_ checkpoint: ReplayCheckpoint) {
        guard let key = checkpoint.lastKey else { return }
        options.onResume?(
            ResumedReplay(
                startedAt: UnixTime(seconds: checkpoint.startedAt), lastKey: KVKey(key), written: checkpoint.written))
    }
}

/// What happens to records that have expired or expire so soon that the API would not take them.
public enum ExpiringRecords: String, Hashable, Sendable, CaseIterable {
    /// They are left out and named.
    case skip
    /// They are written with the earliest expiration the API takes, plus a margin.
    case extend
    /// Nothing is written if there is one; one whose time comes while the replay runs is a hole.
    case fail
}

/// An unfinished replay that is gone on from.
public struct ResumedReplay: Hashable, Sendable {
    /// When its first run began.
    public var startedAt: UnixTime
    /// The last key of which it is certain that the API has taken it and all before; chunks in flight then are sent again.
    public var lastKey: KVKey
    /// How many records are written already.
    public var written: Int
}
