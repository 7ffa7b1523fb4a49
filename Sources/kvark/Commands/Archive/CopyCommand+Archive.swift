import Foundation
import KVTransfer

/// Copies by way of an archive: what is written is what the archive holds, and nothing is read twice.
extension CopyCommand {
    /// Makes the archive, or goes on with the one of an unfinished copy, and replays it.
    ///
    /// - Parameters:
    ///   - path: The vault.
    ///   - namespace: The namespace to read.
    ///   - client: A client for its account.
    /// - Returns: What was written, how long that took, and the archive.
    /// - Throws: ``TransferError``; ``KVError``; `VaultError`; `ArchiveError`; `CancellationError`.
    func copyThroughArchive(
        in path: String, of namespace: Namespace, _ client: KVClient
    ) async throws -> (report: ReplayReport, elapsed: Duration, archive: Archive) {
        let selection = try steps.selecting.selection()
        try await replaying.checkTarget(to, connection, output)
        let archive: Archive
        if let unfinished = try await archiveOfUnfinishedCopy(in: path, of: namespace) {
            output.say("going on with the archive of the unfinished copy, \(unfinished.place)")
            archive = unfinished
        } else {
            archive = try await backUp(namespace, client, to: path, selection)
        }
        let source = try await steps.source(of: ArchiveRecordSource(archive), selection, age: archive.age)
        let (report, elapsed) = try await replaying.replay(source, to: to, as: "copy", connection, output) {
            try Self.checkIsAnother($1, of: $0, from: namespace, of: client)
        }
        return (report, elapsed, archive)
    }

    /// The newest archive of the namespace, if an unfinished replay into the target is one of it.
    private func archiveOfUnfinishedCopy(in path: String, of namespace: Namespace) async throws -> Archive? {
        guard let source = try await replaying.unfinishedSource(to, connection, output) else { return nil }
        let vault = FolderVault(path: path)
        let folder = ArchiveCatalog.namespaceFolder(forTitle: namespace.title)
        let archives = try await ArchiveCatalog.archives(in: vault, of: folder)
        guard let newest = archives.last(where: { $0.manifest?.source.namespaceID == namespace.id }) else { return nil }
        let archive = try await Archive.open(in: vault, at: newest.path)
        return ArchiveRecordSource.isMade(of: archive, identity: source) ? archive : nil
    }

    private func backUp(
        _ namespace: Namespace, _ client: KVClient, to path: String, _ selection: KeySelection
    ) async throws -> Archive {
        var options = BackupJob.Options(tool: ToolVersion.archiveTool)
        options.prefix = selection.prefix
        options.selection = selection
        options.concurrency = concurrency
        options.isExact = exact
        options.startsAnew = replaying.writing.startOver
        options.stop = CommandRun.stop
        let output = output
        options.onResume = { BackupCommand.announce($0, output) }
        let vault = FolderVault(path: path)
        let progress = ProgressLine("reading", output)
        defer { progress.clear() }
        let report = try await BackupJob(of: namespace, client: client, to: vault, options: options)
            .run(progress: progress.receiver)
        progress.clear()
        output.say("wrote the archive \((path as NSString).appendingPathComponent(report.path))")
        return try await Archive.open(in: vault, at: report.path)
    }
}

extension Archive {
    /// How many seconds ago its backup began.
    var age: Int64 { UnixTime.now().seconds - manifest.startedAt.seconds }
}
