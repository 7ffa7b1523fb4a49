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
    ///   - target: The namespace to write to.
    ///   - selection: Which keys are taken.
    ///   - part: What the job is told, if it is one of many.
    /// - Returns: What was written, how long that took, and the archive.
    /// - Throws: ``TransferError``; ``KVError``; `VaultError`; `ArchiveError`; `CancellationError`.
    func copyThroughArchive(
        in path: String, of namespace: Namespace, _ client: KVClient, to target: NamespacePlace,
        _ selection: KeySelection, _ part: AccountRun.Part?
    ) async throws -> Copied {
        let check: (KVClient, Namespace) throws -> Void = {
            try Self.checkIsAnother($1, of: $0, from: namespace, of: client)
        }
        try await replaying.checkTarget(target, connection, output, part, check: check)
        let archive: Archive
        if let unfinished = try await archiveOfUnfinishedCopy(
            in: path, of: namespace, to: target, selection)
        {
            output.say("going on with the archive of the unfinished copy, \(unfinished.place)")
            archive = unfinished
        } else {
            archive = try await backUp(namespace, client, to: path, selection, part)
        }
        let source = try await steps.source(of: ArchiveRecordSource(archive), selection, age: archive.age)
        let (report, elapsed) = try await replaying.replay(
            source, to: target, as: "copy", connection, output, part, check: check)
        return Copied(report: report, elapsed: elapsed, archive: archive)
    }

    /// The archive of the same keys of the namespace of which an unfinished replay into the target is one.
    private func archiveOfUnfinishedCopy(
        in path: String, of namespace: Namespace, to target: NamespacePlace, _ selection: KeySelection
    ) async throws -> Archive? {
        guard let identity = try await replaying.unfinishedSource(target, connection, output) else { return nil }
        let vault = FolderVault(path: path)
        let folder = ArchiveCatalog.namespaceFolder(forTitle: namespace.title)
        for entry in try await ArchiveCatalog.archives(in: vault, of: folder).reversed() {
            guard let source = entry.manifest?.source, source.namespaceID == namespace.id,
                source.prefix ?? "" == selection.prefix, source.filters == selection.rules
            else { continue }
            let archive = try await Archive.open(in: vault, at: entry.path)
            if ArchiveRecordSource.isMade(of: archive, identity: identity) { return archive }
        }
        return nil
    }

    private func backUp(
        _ namespace: Namespace, _ client: KVClient, to path: String, _ selection: KeySelection,
        _ part: AccountRun.Part?
    ) async throws -> Archive {
        var options = BackupJob.Options(tool: ToolVersion.archiveTool)
        options.prefix = selection.prefix
        options.selection = selection
        options.concurrency = reading.widths
        options.isExact = exact
        options.startsAnew = replaying.writing.startOver
        options.stop = CommandRun.stop
        let output = output
        options.onResume = { BackupCommand.announce($0, output) }
        let vault = FolderVault(path: path)
        let progress = ProgressLine("reading", output)
        defer { progress.clear() }
        let report = try await BackupJob(of: namespace, client: client, to: vault, options: options)
            .run(progress: part?.progress ?? progress.receiver)
        progress.clear()
        output.say("wrote the archive \((path as NSString).appendingPathComponent(report.path))")
        return try await Archive.open(in: vault, at: report.path)
    }
}

extension Archive {
    /// How many seconds ago its backup began.
    var age: Int64 { UnixTime.now().seconds(since: manifest.startedAt) }
}
