import ArgumentParser
import KVTransfer

struct RestoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract: "Replays an archive into a namespace.",
        discussion: """
            The archive is verified from end to end before anything is written. A namespace that has keys is refused \
            unless --merge, --keep-existing, --mirror or --differential is given. Records that have expired, or will within 90 seconds, are left out and named.

            A restore that was interrupted goes on when the same command is run again within a day. Its checkpoint is \
            kept in KVARK_STATE_DIR, else in $XDG_STATE_HOME/kvark, else in ~/.local/state/kvark.

              kvark restore ./vault/sessions/latest --to sessions-copy --create
              kvark restore ./vault/sessions/2026-11-23T020000Z --to sessions --merge --dry-run
              kvark restore ./vault/sessions/latest --to kv://staging/sessions --prefix user:
              kvark restore ./vault/sessions/latest --to sessions --mirror --differential --max-delete 100
            """)

    @Argument(help: ArgumentHelp("The archive's folder; VAULT/NAMESPACE/latest is the newest.", valueName: "archive"))
    var archive: String

    @Option(help: ArgumentHelp("An id, a title or kv://PROFILE/ID-or-TITLE.", valueName: "namespace"))
    var to: NamespacePlace

    @OptionGroup var steps: StepOptions
    @OptionGroup var replaying: ReplayOptions
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let opened = try await Archive.open(path: archive)
        // Before a namespace is made for it.
        try await ArchiveRecordSource(opened).check()
        if steps.readsFirst { try await replaying.checkTarget(to, connection, output) }
        let source = try await steps.source(
            of: ArchiveRecordSource(opened, isVerified: true), steps.selecting.selection(), age: opened.age)
        let (report, elapsed) = try await replaying.replay(source, to: to, as: "restore", connection, output)
        if output.json { try JSONOutput.write(RestoreJSON(archive: opened.place, report, elapsed)) }
        if !report.isWhole { throw CommandFinding(status: .holes) }
    }
}

private struct RestoreJSON: Encodable {
    private enum CodingKeys: CodingKey { case archive, archiveHoles }

    let archive: String
    let archiveHoles: [HoleJSON]
    let replay: ReplayJSON

    init(archive: String, _ report: ReplayReport, _ elapsed: Duration) {
        self.archive = archive
        archiveHoles = report.sourceHoles.map(HoleJSON.init)
        replay = ReplayJSON(report, elapsed)
    }

    func encode(to encoder: any Encoder) throws {
        try replay.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(archive, forKey: .archive)
        try container.encode(archiveHoles, forKey: .archiveHoles)
    }
}
