import CommandArguments
import Foundation
import KVTransfer

struct BackupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "Writes an archive of each namespace into a vault.",
        discussion: """
            A vault is a folder; it is made when it is not there. Each run adds an archive, VAULT/NAMESPACE/TIME, and \
            never touches an older one. The last line of standard output is the archive's path.

            A backup that was interrupted, killed or failed half-way goes on when the same command is run again.

              kvark backup sessions --to ./vault
              kvark backup 0f2ac74b498b48028cb68387c421e279 --to ./vault --prefix user:
              kvark backup --all --to /srv/backup/kv --quiet     # in a nightly cron job
              kvark backup sessions --to ./vault --settle        # look again at the end for what has changed
            """)

    @Argument(
        help: ArgumentHelp(
            "Ids, titles or kv://PROFILE/ID-or-TITLE; with --all nothing, or kv://PROFILE/.", valueName: "namespace"))
    var namespaces: [NamespaceOrAccount] = []

    @Option(help: ArgumentHelp("The folder that holds the archives.", valueName: "vault"), completion: .folders)
    var to: String

    @OptionGroup var account: AccountOptions

    @OptionGroup var filter: FilterOptions

    @Option(help: ArgumentHelp("How hard zstd compresses, 1 to 19.", valueName: "1-19"))
    var level = 3

    @OptionGroup var reading: ReadingOptions

    @Flag(help: "Read every value with a request of its own: exact whatever the server does in bulk, and far slower.")
    var exact = false

    @Flag(
        help:
            "List the keys again at the end and read what has changed, appeared or gone meanwhile (a tenth more requests)."
    )
    var settle = false

    @Flag(help: "List the keys, say what reading them will take, and write nothing.")
    var dryRun = false

    @Flag(help: "Begin anew instead of going on with an unfinished backup, which is removed.")
    var startOver = false

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        if account.all {
            guard namespaces.count <= 1 else { throw ValidationError("--all takes one account") }
            _ = try namespaces.first?.account
        } else {
            guard !namespaces.isEmpty else { throw ValidationError("name a namespace, or use --all") }
            for place in namespaces { _ = try place.namespace }
        }
        if to.isEmpty { throw ValidationError("--to is empty; name the folder that holds the archives") }
        guard (1...19).contains(level) else { throw ValidationError("--level is a number from 1 to 19") }
    }

    func run() async throws {
        let vault = FolderVault(path: to)
        if account.all { return try await backUpAll(to: vault) }
        var outcomes: [ExitStatus] = []
        for (index, place) in namespaces.enumerated() {
            outcomes.append(
                try await outcome(isLast: index == namespaces.count - 1, outcomes) {
                    try await place.namespace.withNamespace(connection, output) { client, namespace in
                        try await workOn(namespace, client, vault).isWhole
                    }
                })
        }
        // The gravest comes first: a namespace without any archive, one that another run holds, keys that are missing.
        for status in [ExitStatus.failed, .locked, .holes] where outcomes.contains(status) {
            throw CommandFinding(status: status)
        }
    }

    /// How one of several backups ended: an error of one namespace does not keep the others from being backed up.
    private func outcome(
        isLast: Bool, _ before: [ExitStatus], _ backUp: () async throws -> Bool
    ) async throws -> ExitStatus {
        do {
            return try await backUp() ? .done : .holes
        } catch let error where !(error is CancellationError || (error as? TransferError)?.code == .interrupted) {
            // Alone, it is reported as any other command's error.
            guard !(isLast && before.isEmpty), let status = ExitStatus(of: error), !AccountRun.concernsAll(error) else {
                throw error
            }
            CommandRun.report(error)
            return status
        }
    }

    private func backUpAll(to vault: FolderVault) async throws {
        let place = try namespaces.first?.account ?? .ofEnvironment
        try await place.withNamespaces(connection, output) { client, found in
            if found.isEmpty { StandardError.line("account \(client.options.accountID) has no namespaces") }
            let jobs = found.map { namespace in
                AccountRun.Job(title: namespace.title) { part in
                    // A client of its own, so that its requests are counted by themselves; the limit is shared all the same.
                    try await NamespacePlace(namespace, of: place).withNamespace(connection, output) {
                        try await workOn($1, $0, vault, part)
                    }
                }
            }
            try await AccountRun(jobs, parallel: account.width, verb: "reading", output).run()
        }
    }

    /// Backs one namespace up, or says what that would take.
    private func workOn(
        _ namespace: Namespace, _ client: KVClient, _ vault: FolderVault, _ part: AccountRun.Part? = nil
    ) async throws -> AccountRun.Outcome {
        if dryRun { return try await rehearse(namespace, client, vault, part) }
        let report = try await backUp(namespace, client, vault, part)
        return AccountRun.Outcome(
            text: Amounts.count(report.manifest.totals.records, "record"), isWhole: report.isWhole)
    }

    /// Backs one namespace up, alone or as one of many.
    private func backUp(
        _ namespace: Namespace, _ client: KVClient, _ vault: FolderVault, _ part: AccountRun.Part? = nil
    ) async throws -> BackupReport {
        var options = BackupJob.Options(tool: ToolVersion.archiveTool)
        options.prefix = filter.selection.prefix
        options.selection = filter.selection
        options.concurrency = reading.widths
        options.archive.compressionLevel = level
        options.isExact = exact
        options.settles = settle
        options.startsAnew = startOver
        options.stop = CommandRun.stop
        let output = output
        options.onResume = { Self.announce($0, output) }
        options.onDamagedCheckpoint = {
            output.say("what the unfinished backup had kept is damaged: beginning anew")
        }
        let progress = ProgressLine("reading", output, estimate: await recordsOfLastArchive(namespace, vault))
        defer { progress.clear() }
        let report = try await BackupJob(of: namespace, client: client, to: vault, options: options)
            .run(progress: part?.progress ?? progress.receiver)
        progress.clear()
        try render(report, namespace, progress.elapsed)
        return report
    }

    static func announce(_ resumed: ResumedBackup, _ output: OutputOptions) {
        output.say(
            "going on with the backup of \(UTCTime.text(resumed.startedAt)): \(Amounts.count(resumed.records, "record")) "
                + "are kept, read with \(Amounts.count(resumed.requests, "request")); what was read after "
                + "\(UTCTime.text(resumed.savedAt)) is read again")
    }

    /// The last archive says how much there may be to read; without one, nothing does.
    private func recordsOfLastArchive(_ namespace: Namespace, _ vault: FolderVault) async -> Int? {
        guard StandardError.isTerminal, filter.selection.isEverything else { return nil }
        let folder = ArchiveCatalog.namespaceFolder(forTitle: namespace.title)
        // Only an estimate for the progress line: when there is none, the line goes without.
        let archives = try? await ArchiveCatalog.archives(in: vault, of: folder)
        return archives?.last { $0.isComplete }?.manifest?.totals.records
    }

    private func render(_ report: BackupReport, _ namespace: Namespace, _ elapsed: Duration) throws {
        let path = (to as NSString).appendingPathComponent(report.path)
        let totals = report.manifest.totals
        let read = report.manifest.read ?? ReadStatistics()
        let requests = read.requestsMade
        output.say(
            "backed up \(Amounts.count(totals.records, "record")) of \(KVKey(namespace.title)) "
                + "(\(Amounts.bytes(totals.valueBytes)) of values, archive \(Amounts.bytes(totals.compressedBytes))) "
                + "with \(Amounts.count(requests, "request")), at least \(Amounts.count(read.floor)) needed, "
                + "in \(Amounts.duration(elapsed))")
        if read.retries > 0 { output.say("sent again: \(Amounts.causes(read.retriesByCause))") }
        if let settled = read.settled {
            output.say(
                "second look: \(Amounts.count(settled.changed)) changed, \(Amounts.count(settled.appeared)) appeared, "
                    + "\(Amounts.count(settled.gone)) gone")
        }
        if read.keysVanished > 0 {
            output.say("\(Amounts.count(read.keysVanished, "key")) went away while the backup ran")
        }
        for hole in report.manifest.holes { StandardError.line("not read: \(hole.key): \(hole.reason)") }
        if output.json {
            try JSONOutput.write(
                BackupJSON(
                    archive: path, namespace: namespace.title, namespaceID: namespace.id.rawValue,
                    totals: TotalsJSON(totals), read: ReadJSON(read), contentDigest: report.manifest.contentDigest,
                    holes: report.manifest.holes.map(HoleJSON.init), isWhole: report.isWhole, seconds: elapsed.seconds))
        } else if !output.quiet {
            try StandardOutput.line(path)
        }
    }
}

private struct BackupJSON: Encodable {
    let archive: String
    let namespace: String
    let namespaceID: String
    let totals: TotalsJSON
    let read: ReadJSON
    let contentDigest: String
    let holes: [HoleJSON]
    let isWhole: Bool
    let seconds: Double
}
