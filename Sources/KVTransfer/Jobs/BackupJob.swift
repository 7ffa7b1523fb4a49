/// Writes an archive of a live namespace into a vault.
///
/// The archive is whole when its manifest is there, which is written last. It is not a picture of one moment: the API has
/// no snapshots, and keys that change while the backup runs are in it in one of their states.
///
/// A backup can be killed at any instruction. Run again with the same options into the same vault it goes on: what was
/// read is kept and checked, and no more is read again than a few hundred requests.
public struct BackupJob: Sendable {
    /// What is to be backed up, and how.
    public struct Options: Sendable {
        /// What keys must start with to be in the archive.
        public var prefix: KVKey = ""
        /// Which of these keys are read; what the archive has then, its manifest says in words.
        public var selection = KeySelection()
        /// How many reads are in flight, as for ``NamespaceSource/Options/concurrency``.
        public var concurrency = NamespaceSource.concurrencyDefault
        /// Whether every value is read with a request of its own.
        public var isExact = false
        /// Whether the list is walked a second time at the end, and what has changed meanwhile is read again.
        public var settles = false
        /// Whether what an unfinished backup has read is thrown away instead of gone on from.
        public var startsAnew = false
        /// How old an unfinished backup may be to be gone on from, in seconds since its last checkpoint.
        public var resumableSeconds: Int64 = 7 * 86_400
        /// How the archive is laid out and compressed.
        public var archive = ArchiveOptions()
        /// The program that makes the archive, as the manifest names it.
        public var tool: Manifest.Tool
        /// Ends the backup early, in a way it can be gone on from.
        public var stop: StopRequest?
        /// Told when an unfinished backup is gone on from, before anything is read.
        public var onResume: (@Sendable (ResumedBackup) -> Void)?
        /// Told when what an unfinished backup has kept is damaged, so that the backup begins anew.
        public var onDamagedCheckpoint: (@Sendable () -> Void)?
        /// How often a checkpoint is written.
        var checkpointInterval = BackupJournal.Interval()

        /// Options for a whole namespace.
        public init(tool: Manifest.Tool) { self.tool = tool }

        /// Sets after how many requests at the most a checkpoint is written.
        package mutating func setCheckpointInterval(requests: Int) { checkpointInterval.requests = requests }
    }

    let namespace: Namespace
    let client: KVClient
    let vault: any Vault
    let options: Options

    /// A backup of one namespace.
    ///
    /// - Parameters:
    ///   - namespace: The namespace.
    ///   - client: A client for its account.
    ///   - vault: Where the archive goes.
    ///   - options: What is to be in it.
    public init(of namespace: Namespace, client: KVClient, to vault: any Vault, options: Options) {
        self.namespace = namespace
        self.client = client
        self.vault = vault
        self.options = options
    }

    /// Backs the namespace up.
    ///
    /// - Parameters:
    ///   - startedAt: When the run started; names the archive, unless an unfinished one is gone on with.
    ///   - progress: Told how far the backup is.
    /// - Returns: Where the archive is and what is in it. Keys that exist and could not be read are named in the
    ///   manifest's holes: then the archive is not whole.
    /// - Throws: ``KVError``, `ArchiveError`, `VaultError`, ``TransferError`` with `interrupted` when it was asked to stop,
    ///   `CancellationError`; then what was read is kept for the next run.
    public func run(
        startedAt: UnixTime? = nil, progress: @escaping ProgressReceiver = { _ in }
    ) async throws -> BackupReport {
        options.stop?.heed()
        let folder = ArchiveCatalog.namespaceFolder(forTitle: namespace.title)
        return try await vault.withLock(on: folder) {
            let archives = try await ArchiveCatalog.archives(in: vault, of: folder)
            try Self.checkOrigin(of: archives, namespace, client.options.accountID, in: vault)
            try await vault.removeLeftovers(in: folder)
            let previous = await previousArchive(among: archives)
            let journal = try await journal(in: folder, startedAt: startedAt ?? options.archive.now())
            do {
                var run = BackupRun(job: self, journal: journal, previous: previous, progress: progress)
                return try await run.run()
            } catch is BackupRun.UnusableCheckpoint {
                // Damaged since it was written: what it holds cannot be told from what it should hold.
                options.onDamagedCheckpoint?()
                try await discard(journal)
                let fresh = try await newJournal(startedAt: startedAt ?? options.archive.now())
                var run = BackupRun(job: self, journal: fresh, previous: previous, progress: progress)
                return try await run.run()
            }
        }
    }

    /// Refuses a folder with archives of another account's namespace of the same title: `latest` would mean either.
    package static func checkOrigin(
        of archives: [ArchiveCatalog.Entry], _ namespace: Namespace, _ account: AccountID, in vault: any Vault
    ) throws {
        let folder = ArchiveCatalog.namespaceFolder(forTitle: namespace.title)
        for entry in archives {
            guard let other = entry.manifest?.source.accountID, other != account else { continue }
            throw TransferError(
                .namespaceMixUp,
                "\(vault.location)/\(folder) holds archives of namespace \(KVKey(namespace.title)) of account \(other), "
                    + "not of account \(account)")
        }
    }

    /// The newest archive of this very namespace; its values tell how to read theirs now.
    private func previousArchive(among archives: [ArchiveCatalog.Entry]) async -> Archive? {
        guard !options.isExact,
            let entry = archives.last(where: { $0.manifest?.source.namespaceID == namespace.id })
        else { return nil }
        // Only hints come from it: one that cannot be read gives none.
        return try? await Archive.open(in: vault, at: entry.path)
    }
}

// MARK: - Unfinished backups

extension BackupJob {
    private var identity: BackupCheckpoint.Identity {
        BackupCheckpoint.Identity(
            apiBaseURL: client.options.baseURL, accountID: client.options.accountID.rawValue,
            namespaceID: namespace.id.rawValue, namespaceTitle: namespace.title, prefix: options.prefix.utf8,
            isExact: options.isExact, settles: options.settles, compressionLevel: options.archive.compressionLevel,
            frameBytes: options.archive.frameBytes, partBytes: options.archive.partBytes,
            selection: options.selection.isPrefix ? nil : options.selection.identity)
    }

    /// The journal of the unfinished backup to go on with, or a new one.
    private func journal(in folder: String, startedAt: UnixTime) async throws -> BackupJournal {
        guard let journal = try await unfinishedJournal(in: folder) else {
            return try await newJournal(startedAt: startedAt)
        }
        let age = options.archive.now().seconds(since: UnixTime(seconds: journal.checkpoint.savedAt))
        guard !options.startsAnew, age <= options.resumableSeconds else {
            try await discard(journal)
            return try await newJournal(startedAt: startedAt)
        }
        return journal
    }

    /// The newest unfinished backup of the same namespace with the same options.
    private func unfinishedJournal(in folder: String) async throws -> BackupJournal? {
        var newest: BackupJournal?
        for path in try await vault.contents(of: folder).folders {
            guard path.hasSuffix(ArchiveCatalog.unfinishedSuffix) else { continue }
            let archive = String(path.dropLast(ArchiveCatalog.unfinishedSuffix.count))
            guard let checkpoint = try await BackupJournal.checkpoint(of: archive, in: vault) else {
                try await removeRuins(of: archive, in: path)
                continue
            }
            guard checkpoint.identity == identity, checkpoint.archive == archive else { continue }
            let journal = BackupJournal(
                checkpoint, isResumed: true, in: vault, interval: options.checkpointInterval, clock: options.archive.now
            )
            if try await ArchiveCatalog.hasManifest(in: vault, at: archive) {
                // Finished, and killed before this was removed.
                try await journal.remove()
            } else if newest.map({ $0.checkpoint.startedAt <= checkpoint.startedAt }) ?? true {
                newest = journal
            }
        }
        return newest
    }

    /// Removes an unfinished backup without a checkpoint that could be believed, which nothing can be made of.
    private func removeRuins(of archive: String, in folder: String) async throws {
        guard ArchiveCatalog.isNamedAsArchive(archive) else { return }
        if try await !ArchiveCatalog.hasManifest(in: vault, at: archive) { try await vault.removeFolder(archive) }
        try await vault.removeFolder(folder)
    }

    private func newJournal(startedAt: UnixTime) async throws -> BackupJournal {
        let archive = try await ArchiveCatalog.newArchivePath(
            title: namespace.title, startedAt: startedAt, in: vault)
        let checkpoint = BackupCheckpoint(
            identity: identity, archive: archive, id: options.archive.id ?? ArchiveOptions.makeID(),
            startedAt: startedAt.seconds, savedAt: options.archive.now().seconds)
        let journal = BackupJournal(
            checkpoint, isResumed: false, in: vault, interval: options.checkpointInterval, clock: options.archive.now)
        // Before there is anything else, so that whatever a kill leaves behind is known to be unfinished.
        try await journal.write()
        return journal
    }

    /// Removes all that is left of an unfinished backup.
    private func discard(_ journal: BackupJournal) async throws {
        try await vault.removeFolder(journal.checkpoint.archive)
        try await journal.remove()
    }
}

/// An unfinished backup that is gone on from.
public struct ResumedBackup: Hashable, Sendable {
    /// Where the archive will be.
    public var path: String
    /// When its first run began.
    public var startedAt: UnixTime
    /// When the last checkpoint was written; what was read later is read again.
    public var savedAt: UnixTime
    /// How many records are kept.
    public var records: Int
    /// How many requests its runs had made by then.
    public var requests: Int
}

/// What a backup made.
public struct BackupReport: Sendable {
    /// The archive's place in its vault.
    public var path: String
    /// What is in the archive.
    public var manifest: Manifest
    /// Whether every key could be read.
    public var isWhole: Bool { manifest.holes.isEmpty }
}
