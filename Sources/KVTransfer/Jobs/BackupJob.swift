/// Writes an archive of a live namespace into a vault.
///
/// The archive is whole when its manifest is there, which is written last. It is not a picture of one moment: the API has
/// no snapshots, and keys that change while the backup runs are in it in one of their states.
public struct BackupJob: Sendable {
    /// What is to be backed up, and how.
    public struct Options: Sendable {
        /// What keys must start with to be in the archive.
        public var prefix: KVKey = ""
        /// How many bulk gets are in flight at the most.
        public var concurrency = 6
        /// How the archive is laid out and compressed.
        public var archive = ArchiveOptions()
        /// The program that makes the archive, as the manifest names it.
        public var tool: Manifest.Tool

        /// Options for a whole namespace.
        public init(tool: Manifest.Tool) { self.tool = tool }
    }

    private let namespace: Namespace
    private let client: KVClient
    private let vault: any Vault
    private let options: Options

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
    ///   - startedAt: When the run started; names the archive.
    ///   - progress: Told how far the backup is.
    /// - Returns: Where the archive is and what is in it. Keys that exist and could not be read are named in the
    ///   manifest's holes: then the archive is not whole.
    /// - Throws: ``KVError``, `ArchiveError`, `VaultError`, `CancellationError`; then no archive is left behind.
    public func run(startedAt: UnixTime = .now(), progress: ProgressReceiver = { _ in }) async throws -> BackupReport {
        let folder = ArchiveCatalog.namespaceFolder(forTitle: namespace.title)
        return try await vault.withLock(on: folder) {
            try await checkOrigin(of: folder)
            return try await write(startedAt, progress)
        }
    }

    /// Refuses a folder with archives of another account's namespace of the same title: `latest` would mean either.
    private func checkOrigin(of folder: String) async throws {
        for entry in try await ArchiveCatalog.archives(in: vault, of: folder) {
            guard let account = entry.manifest?.source.accountID, account != client.options.accountID else { continue }
            throw TransferError(
                .namespaceMixUp,
                "\(vault.location)/\(folder) holds archives of namespace \(KVKey(namespace.title)) of account \(account), "
                    + "not of account \(client.options.accountID)")
        }
    }

    private func write(_ startedAt: UnixTime, _ progress: ProgressReceiver) async throws -> BackupReport {
        let path = try await ArchiveCatalog.newArchivePath(title: namespace.title, startedAt: startedAt, in: vault)
        let before = client.statistics
        let source = NamespaceSource(
            namespace, client: client, prefix: options.prefix, concurrency: options.concurrency)
        let manifest = try await withArchiveWriter(in: vault, at: path, options: options.archive) { writer in
            var done = JobProgress()
            try await source.forEachBatch { lines in
                try await writer.append(lines)
                done.records += lines.count
                done.valueBytes += lines.reduce(0) { $0 + $1.valueBytes }
                done.requests = client.statistics.since(before).total
                progress(done)
            }
            return provenance(startedAt, source.tally.counts, client.statistics.since(before))
        }
        return BackupReport(path: path, manifest: manifest)
    }

    private func provenance(
        _ startedAt: UnixTime, _ counts: ReadTally.Counts, _ requests: RequestStatistics
    ) -> ArchiveProvenance {
        ArchiveProvenance(
            tool: options.tool,
            startedAt: startedAt,
            source: ArchiveSource(
                apiBaseURL: client.options.baseURL,
                accountID: client.options.accountID,
                namespaceID: namespace.id,
                namespaceTitle: namespace.title,
                prefix: options.prefix.utf8.isEmpty ? nil : options.prefix
            ),
            read: ReadStatistics(
                requests: requests.byName,
                floor: RequestFloor.reading(keys: counts.keysListed),
                retries: requests.retries,
                keysListed: counts.keysListed,
                keysVanished: counts.keysVanished,
                keysReread: counts.keysReread
            ),
            holes: counts.holes.sorted { $0.key < $1.key }
        )
    }
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
