import Foundation

/// Replays an archive into a live namespace.
///
/// The archive is verified from end to end before anything is written, unless that is known already. A restore that was
/// interrupted at any instruction goes on where it was when it is run again, if it was given a place for checkpoints.
public struct RestoreJob: Sendable {
    /// What happens when the namespace is not empty.
    public enum Conflict: Hashable, Sendable {
        /// The restore is refused.
        case refuse
        /// Keys that both have get the archive's record; other keys stay.
        case merge
    }

    /// What is to be restored, and how.
    public struct Options: Sendable {
        /// What keys must start with to be restored.
        public var prefix: KVKey = ""
        /// What happens when the namespace has keys.
        public var onConflict = Conflict.refuse
        /// What happens to records that expire too soon for the API to take them.
        public var expiring = ExpiringRecords.skip
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
        /// Where checkpoints are kept, such as a folder of the user's; without one, an interrupted restore starts again.
        public var checkpoints: (any Vault)?
        /// Whether everything is written, also what an unfinished restore has written already.
        public var startsAnew = false
        /// How old an unfinished restore may be to be gone on from, in seconds since its last checkpoint.
        ///
        /// The namespace may have been written to meanwhile; writing everything again is always right.
        public var resumableSeconds: Int64 = 86_400
        /// Ends the restore early, in a way it can be gone on from.
        public var stop: StopRequest?
        /// Told when an unfinished restore is gone on from, before anything is written.
        public var onResume: (@Sendable (ResumedRestore) -> Void)?

        /// The defaults: everything, into an empty namespace.
        public init() {}
    }

    let archive: Archive
    let namespace: Namespace
    let client: KVClient
    let options: Options
    let clock: @Sendable () -> UnixTime

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
    /// - Throws: ``TransferError`` with `archiveDamaged`, `targetNotEmpty`, `recordsExpiring` or `interrupted`; ``KVError``,
    ///   `ArchiveError`, `VaultError` (`locked` when another run restores into the namespace); `CancellationError`. What
    ///   was written before an error stays, and the same restore can be run again.
    public func run(progress: @escaping ProgressReceiver = { _ in }) async throws -> RestoreReport {
        if !options.isArchiveVerified { try await Self.check(archive) }
        guard let checkpoints = options.checkpoints, !options.isDryRun else {
            try await checkTarget(afterUnfinished: false)
            return try await run(with: nil, progress)
        }
        let folder = RestoreJournal.folder(
            apiBaseURL: client.options.baseURL, accountID: client.options.accountID, namespaceID: namespace.id)
        return try await checkpoints.withLock(on: folder) {
            try await checkpoints.removeLeftovers(in: folder)
            let journal = try await journal(in: checkpoints, at: folder)
            return try await run(with: journal, progress)
        }
    }

    private func run(with journal: RestoreJournal?, _ progress: @escaping ProgressReceiver) async throws
        -> RestoreReport
    {
        if options.expiring == .fail { try await checkNothingExpires(after: journal?.checkpoint.lastKey) }
        var run = RestoreRun(job: self, journal: journal, progress: progress)
        return try await run.run()
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

    /// Looks through what is left of the archive for records that expire too soon, before the first one is written.
    private func checkNothingExpires(after lastKey: String?) async throws {
        guard let first = archive.manifest.totals.earliestExpiration, first < clock() + ExpiryJudge.marginSeconds
        else { return }
        let rest = ArchiveRecordSource(archive, prefix: options.prefix, after: lastKey.map { KVKey($0) })
        try await rest.checkNothingExpires(at: clock(), isFirstRun: lastKey == nil)
    }

    // MARK: Unfinished restores

    private var identity: RestoreCheckpoint.Identity {
        RestoreCheckpoint.Identity(
            archiveID: archive.manifest.id, contentDigest: archive.manifest.contentDigest,
            apiBaseURL: client.options.baseURL, accountID: client.options.accountID.rawValue,
            namespaceID: namespace.id.rawValue, prefix: options.prefix.utf8, expiring: options.expiring.rawValue)
    }

    /// The journal of the unfinished restore to go on with, or a new one.
    private func journal(in vault: any Vault, at folder: String) async throws -> RestoreJournal {
        let unfinished = try await RestoreJournal.checkpoint(in: vault, at: folder)
        let now = clock().seconds
        guard var checkpoint = unfinished, checkpoint.identity == identity,
            now - checkpoint.savedAt <= options.resumableSeconds
        else {
            try await checkTarget(afterUnfinished: false)
            return RestoreJournal(newCheckpoint(), in: vault, at: folder, followsAnother: false, clock: clock)
        }
        try await checkTarget(afterUnfinished: true)
        if !options.startsAnew, try await isStillThere(checkpoint) {
            checkpoint.runs += 1
            announceResumption(checkpoint)
        } else {
            checkpoint = newCheckpoint()
        }
        return RestoreJournal(checkpoint, in: vault, at: folder, followsAnother: true, clock: clock)
    }

    private func newCheckpoint() -> RestoreCheckpoint {
        let now = clock().seconds
        return RestoreCheckpoint(identity: identity, startedAt: now, savedAt: now)
    }

    private func announceResumption(_ checkpoint: RestoreCheckpoint) {
        guard let key = checkpoint.lastKey else { return }
        options.onResume?(
            ResumedRestore(
                startedAt: UnixTime(seconds: checkpoint.startedAt), lastKey: KVKey(key), written: checkpoint.written))
    }
}

/// What happens to records that have expired or expire so soon that the API would not take them.
public enum ExpiringRecords: String, Hashable, Sendable, CaseIterable {
    /// They are left out and named.
    case skip
    /// They are written with the earliest expiration the API takes, plus a margin.
    case extend
    /// Nothing is written if there is one; one whose time comes while the restore runs is a hole.
    case fail
}

/// An unfinished restore that is gone on from.
public struct ResumedRestore: Hashable, Sendable {
    /// When its first run began.
    public var startedAt: UnixTime
    /// The last key of which it is certain that the API has taken it and all before; chunks in flight then are sent again.
    public var lastKey: KVKey
    /// How many records are written already.
    public var written: Int
}
