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
        options.stop?.heed()
        if !options.isArchiveVerified { try await Self.check(archive) }
        if options.expiring == .fail { try await checkNothingExpires() }
        guard let checkpoints = options.checkpoints, !options.isDryRun else {
            if options.onConflict == .refuse { try await checkTargetIsEmpty() }
            var run = RestoreRun(job: self, journal: nil, progress: progress)
            return try await run.run()
        }
        let folder = RestoreJournal.folder(
            apiBaseURL: client.options.baseURL, accountID: client.options.accountID, namespaceID: namespace.id)
        return try await checkpoints.withLock(on: folder) {
            try await checkpoints.removeLeftovers(in: folder)
            let journal = try await journal(in: checkpoints, at: folder)
            var run = RestoreRun(job: self, journal: journal, progress: progress)
            return try await run.run()
        }
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
        guard let key = try await firstKeyOfTarget() else { return }
        throw TransferError(
            .targetNotEmpty,
            "namespace \(KVKey(namespace.title)) is not empty (it has key \(key)), nothing was written")
    }

    private func firstKeyOfTarget() async throws -> KVKey? {
        for try await page in client.keyPages(in: namespace.id, limit: KVLimits.listMinimum) {
            if let listed = page.keys.first { return listed.key }
        }
        return nil
    }

    /// Looks through the archive for a record that expires too soon, before the first one is written.
    private func checkNothingExpires() async throws {
        let earliest = clock() + NamespaceSink.expirationMarginSeconds
        guard let first = archive.manifest.totals.earliestExpiration, first < earliest else { return }
        var expiring: [KVKey] = []
        try await ArchiveRecordSource(archive, prefix: options.prefix).forEachBatch { lines in
            expiring += lines.filter { $0.expiration.map { $0 < earliest } ?? false }.map(\.key)
        }
        guard let key = expiring.first else { return }
        throw TransferError(
            .recordsExpiring,
            "\(expiring.count) records have expired or will within \(NamespaceSink.expirationMarginSeconds) seconds, "
                + "the first is \(key); nothing was written")
    }

    // MARK: Unfinished restores

    private var identity: RestoreCheckpoint.Identity {
        RestoreCheckpoint.Identity(
            archiveID: archive.manifest.id, contentDigest: archive.manifest.contentDigest,
            apiBaseURL: client.options.baseURL, accountID: client.options.accountID.rawValue,
            namespaceID: namespace.id.rawValue, prefix: options.prefix.string, expiring: options.expiring.rawValue)
    }

    /// The journal of the unfinished restore to go on with, or a new one.
    private func journal(in vault: any Vault, at folder: String) async throws -> RestoreJournal {
        if var checkpoint = try await RestoreJournal.checkpoint(in: vault, at: folder), try await isUsable(checkpoint) {
            checkpoint.runs += 1
            announceResumption(checkpoint)
            return RestoreJournal(checkpoint, in: vault, at: folder, clock: clock)
        }
        if options.onConflict == .refuse { try await checkTargetIsEmpty() }
        let now = clock().seconds
        let checkpoint = RestoreCheckpoint(identity: identity, startedAt: now, savedAt: now)
        return RestoreJournal(checkpoint, in: vault, at: folder, clock: clock)
    }

    private func isUsable(_ checkpoint: RestoreCheckpoint) async throws -> Bool {
        guard checkpoint.identity == identity, !options.startsAnew,
            clock().seconds - checkpoint.savedAt <= options.resumableSeconds
        else { return false }
        guard checkpoint.written > 0 else { return true }
        // Emptied since then; the records that were written are gone.
        return try await firstKeyOfTarget() != nil
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
    /// Nothing is written if there is one.
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
