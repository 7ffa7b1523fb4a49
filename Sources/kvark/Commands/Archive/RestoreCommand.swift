import ArgumentParser
import KVTransfer

struct RestoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract: "Replays an archive into a namespace.",
        discussion: """
            The archive is verified from end to end before anything is written. A namespace that has keys is refused \
            unless --merge is given. Records that have expired, or will within 90 seconds, are left out and named.

            A restore that was interrupted goes on when the same command is run again within a day. Its checkpoint is \
            kept in KVARK_STATE_DIR, else in $XDG_STATE_HOME/kvark, else in ~/.local/state/kvark.

              kvark restore ./vault/sessions/latest --to sessions-copy --create
              kvark restore ./vault/sessions/2026-11-23T020000Z --to sessions --merge --dry-run
              kvark restore ./vault/sessions/latest --to kv://staging/sessions --prefix user:
            """)

    @Argument(help: ArgumentHelp("The archive's folder; VAULT/NAMESPACE/latest is the newest.", valueName: "archive"))
    var archive: String

    @Option(help: ArgumentHelp("An id, a title or kv://PROFILE/ID-or-TITLE.", valueName: "namespace"))
    var to: NamespacePlace

    @Flag(help: "Write into a namespace that has keys: keys of the archive replace theirs, others stay.")
    var merge = false

    @Flag(help: "Make the namespace when there is none with this title.")
    var create = false

    @Option(help: "Only keys that start with this.")
    var prefix = ""

    @Flag(help: "Say what would be done, and write nothing.")
    var dryRun = false

    @Option(
        help: ArgumentHelp(
            "What to do with records that have expired or will within 90 seconds: leave them out, give them 90 seconds, "
                + "or write nothing.", valueName: "skip|extend|fail"))
    var expiring = ExpiringChoice.skip

    @Flag(help: "Write everything, also what an unfinished restore has written already.")
    var startOver = false

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let opened = try await Archive.open(path: archive)
        // Before a namespace is made for it.
        try await RestoreJob.check(opened)
        var options = RestoreJob.Options()
        options.prefix = KVKey(prefix)
        options.onConflict = merge ? .merge : .refuse
        options.isDryRun = dryRun
        options.isArchiveVerified = true
        options.expiring = expiring.policy
        options.startsAnew = startOver
        options.stop = CommandRun.stop
        options.checkpoints = dryRun ? nil : StateFolder.vault(output)
        let output = output
        options.onResume = { Self.announce($0, output) }
        let whenMissing: WhenMissing = create ? (dryRun ? .pretend : .create) : .fail
        let chosen = options
        let report = try await to.withNamespace(connection, output, ifMissing: whenMissing) { client, namespace in
            var jobOptions = chosen
            // A namespace that is only pretended has no keys to look for.
            if namespace.id.rawValue.isEmpty { jobOptions.onConflict = .merge }
            let progress = ProgressLine("writing", output)
            defer { progress.clear() }
            let report = try await RestoreJob(of: opened, to: namespace, client: client, options: jobOptions)
                .run(progress: progress.receiver)
            progress.clear()
            try render(report, progress.elapsed)
            return report
        }
        if !report.isWhole { throw CommandFinding(status: .holes) }
    }

    private static func announce(_ resumed: ResumedRestore, _ output: OutputOptions) {
        output.say(
            "going on with the restore of \(UTCTime.text(resumed.startedAt)): \(Amounts.count(resumed.written, "record")) "
                + "up to key \(resumed.lastKey) are written; chunks that were in flight are written again")
    }

    private func render(_ report: RestoreReport, _ elapsed: Duration) throws {
        let verb = report.isDryRun ? "would write" : "wrote"
        let requests = report.requests.values.reduce(0, +)
        output.say(
            "\(verb) \(Amounts.count(report.written, "record")) (\(Amounts.bytes(report.writtenBytes)) of values) to "
                + "\(KVKey(report.namespace.title)) with \(Amounts.count(requests, "request")), at least "
                + "\(Amounts.count(report.floor)) needed to write, in \(Amounts.duration(elapsed))")
        if report.retries > 0 { output.say("sent again: \(Amounts.causes(report.retriesByCause))") }
        if report.extended > 0 {
            output.say("\(Amounts.count(report.extended, "record")) got a later expiration, 90 seconds ahead")
        }
        if report.expired > 0 {
            output.say(
                "left out \(Amounts.count(report.expired, "record")) because of their expiration, past or within 90 seconds:"
            )
            for key in report.expiredKeys { output.say("  expired: \(key)") }
            let unnamed = report.expired - report.expiredKeys.count
            if unnamed > 0 { output.say("  and \(Amounts.count(unnamed)) more") }
        }
        for hole in report.archiveHoles { StandardError.line("not in the archive: \(hole.key): \(hole.reason)") }
        for hole in report.holes { StandardError.line("not written: \(hole.key): \(hole.reason)") }
        if !report.holes.isEmpty {
            StandardError.line("hint: \(Hints.unwritten)")
        }
        if output.json {
            try JSONOutput.write(RestoreJSON(report, elapsed))
        }
    }
}

/// The choices of `--expiring`.
enum ExpiringChoice: String, CaseIterable, ExpressibleByArgument {
    case skip, extend, fail

    var policy: ExpiringRecords {
        switch self {
        case .skip: .skip
        case .extend: .extend
        case .fail: .fail
        }
    }
}

private struct RestoreJSON: Encodable {
    let archive: String
    let namespace: String
    let namespaceID: String
    let dryRun: Bool
    let written: Int
    let writtenBytes: Int
    let expired: Int
    let extended: Int
    let expiredKeys: [String]
    let holes: [HoleJSON]
    let archiveHoles: [HoleJSON]
    let requests: [String: Int]
    let requestFloor: Int
    let retries: Int
    let retriesByCause: [String: Int]
    let runs: Int
    let isWhole: Bool
    let seconds: Double

    init(_ report: RestoreReport, _ elapsed: Duration) {
        archive = report.archive
        namespace = report.namespace.title
        namespaceID = report.namespace.id.rawValue
        dryRun = report.isDryRun
        written = report.written
        writtenBytes = report.writtenBytes
        expired = report.expired
        extended = report.extended
        expiredKeys = report.expiredKeys.map(\.string)
        holes = report.holes.map(HoleJSON.init)
        archiveHoles = report.archiveHoles.map(HoleJSON.init)
        requests = report.requests
        requestFloor = report.floor
        retries = report.retries
        retriesByCause = report.retriesByCause
        runs = report.runs
        isWhole = report.isWhole
        seconds = elapsed.seconds
    }
}
