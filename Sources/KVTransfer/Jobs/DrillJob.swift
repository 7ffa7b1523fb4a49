/// Proves that an archive restores: replays it into an empty namespace, reads everything back through the API and compares.
public struct DrillJob: Sendable {
    private let archive: Archive
    private let namespace: Namespace
    private let client: KVClient
    private let clock: @Sendable () -> UnixTime

    /// A drill.
    ///
    /// - Parameters:
    ///   - archive: The archive.
    ///   - namespace: An empty namespace, of a server that may be thrown away.
    ///   - client: A client for its account.
    ///   - clock: Tells the time, by which expired records are recognised.
    public init(
        of archive: Archive, in namespace: Namespace, client: KVClient,
        clock: @escaping @Sendable () -> UnixTime = UnixTime.now
    ) {
        self.archive = archive
        self.namespace = namespace
        self.client = client
        self.clock = clock
    }

    /// Restores and compares; the archive is verified from end to end before.
    ///
    /// - Parameters:
    ///   - restoring: Told how far the restore is.
    ///   - comparing: Told how far the comparison is.
    /// - Returns: What was written, and what is different.
    /// - Throws: ``TransferError`` with `archiveDamaged` or `targetNotEmpty`; ``KVError``; `VaultError`; `ArchiveError`;
    ///   `CancellationError`.
    public func run(
        restoring: @escaping ProgressReceiver = { _ in }, comparing: ProgressReceiver = { _ in }
    ) async throws -> DrillReport {
        let source = ArchiveRecordSource(archive)
        let replay = try await ReplayJob(of: source, to: namespace, client: client, clock: clock).run(
            progress: restoring)
        var options = NamespaceSource.Options()
        options.previous = archive
        let live = NamespaceSource(namespace, client: client, options: options)
        // What a restore leaves out because it expires too soon is not missing.
        let earliest = clock() + ExpiryJudge.marginSeconds
        let comparison = try await DiffJob(source, live, clock: { [clock] in max(earliest, clock()) }).run(
            progress: comparing)
        return DrillReport(replay: replay, comparison: comparison)
    }
}

/// What a drill found.
public struct DrillReport: Hashable, Sendable {
    /// What was written.
    public var replay: ReplayReport
    /// The archive compared with what was read back: value bytes, metadata text and expiration of each record.
    public var comparison: DiffReport

    /// Whether every record of the archive came back as it was, but for those that have expired.
    public var hasPassed: Bool { replay.holes.isEmpty && unequal == 0 }

    /// Keys that did not come back as they were, or that the archive does not have.
    public var unequal: Int {
        let unreadable = comparison.unreadable.filter { hole in !replay.sourceHoles.contains { $0.key == hole.key } }
        return comparison.changed + comparison.onlyInFirst + comparison.onlyInSecond + unreadable.count
    }
}
