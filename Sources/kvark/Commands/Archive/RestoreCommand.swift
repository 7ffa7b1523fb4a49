import ArgumentParser
import KVTransfer

struct RestoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract: "Replays an archive into a namespace.",
        discussion: """
            The archive is verified from end to end before anything is written. A namespace that has keys is refused \
            unless --merge, --keep-existing, --mirror or --differential is given. Records that have expired, or will within 90 seconds, are left out and named.

            --all restores the newest finished archive of each namespace of a vault into the namespace of its title, makes \
            those that are not there, goes on after the failure of one, and ends with a table, and with 3 if any failed.

            A restore that was interrupted goes on when the same command is run again within a day. Its checkpoint is \
            kept in KVARK_STATE_DIR, else in $XDG_STATE_HOME/kvark, else in ~/.local/state/kvark.

              kvark restore ./vault/sessions/latest --to sessions-copy --create
              kvark restore ./vault/sessions/2026-11-23T020000Z --to sessions --merge --dry-run
              kvark restore ./vault/sessions/latest --to kv://staging/sessions --prefix user:
              kvark restore ./vault/sessions/latest --to sessions --mirror --differential --max-delete 100
              kvark restore ./vault --all --to kv://new/
            """)

    @Argument(
        help: ArgumentHelp(
            "The archive's folder; VAULT/NAMESPACE/latest is the newest. With --all, the vault.", valueName: "archive"))
    var archive: String

    @Option(
        help: ArgumentHelp(
            "An id, a title or kv://PROFILE/ID-or-TITLE; with --all nothing, or kv://PROFILE/.", valueName: "namespace")
    )
    var to: NamespaceOrAccount?

    @OptionGroup var account: AccountOptions
    @OptionGroup var steps: StepOptions
    @OptionGroup var replaying: ReplayOptions
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        try steps.check(replaying, hasAge: true)
        if account.all {
            _ = try to?.account
            if replaying.create {
                throw ValidationError("--all makes the namespaces that are not there; leave --create out")
            }
        } else {
            guard let to else { throw ValidationError("name the namespace to write to with --to") }
            _ = try to.namespace
        }
    }

    func run() async throws {
        if account.all { return try await restoreAll() }
        guard let place = try to?.namespace else { return }
        let report = try await restore(try await Archive.open(path: archive), to: place)
        if !report.isWhole { throw CommandFinding(status: .holes) }
    }

    /// Restores one archive, alone or as one of many.
    private func restore(
        _ opened: Archive, to place: NamespacePlace, _ part: AccountRun.Part? = nil
    ) async throws -> ReplayReport {
        if let some = SummaryFacts.selection(opened.manifest.source) {
            output.say("\(opened.place) was made for some keys only: \(some)")
        }
        // Before a namespace is made for it.
        try await ArchiveRecordSource(opened).check()
        if steps.readsFirst { try await replaying.checkTarget(place, connection, output, part) }
        let source = try await steps.source(
            of: ArchiveRecordSource(opened, isVerified: true), steps.selecting.selection(), age: opened.age)
        let (report, elapsed) = try await replaying.replay(source, to: place, as: "restore", connection, output, part)
        if output.json { try JSONOutput.write(RestoreJSON(archive: opened.place, report, elapsed)) }
        return report
    }

    /// Restores the newest finished archive of each namespace of a vault.
    private func restoreAll() async throws {
        let place = try to?.account ?? .ofEnvironment
        let vault = FolderVault(path: archive)
        let catalog = try await ArchiveCatalog.list(in: vault)
        guard !catalog.namespaces.isEmpty else {
            throw CommandFailure(
                "there are no archives in \(archive)", hint: "name the vault, the folder of the namespaces")
        }
        try await place.withNamespaces(connection, output) { _, found in
            let jobs = catalog.namespaces.map { listed in
                AccountRun.Job(title: listed.title ?? listed.folder) { part in
                    let path = try await ArchiveCatalog.resolve(
                        in: vault, path: "\(listed.folder)/\(ArchiveCatalog.latest)")
                    let opened = try await Archive.open(in: vault, at: path)
                    guard let title = opened.manifest.source.namespaceTitle else {
                        throw CommandFailure(
                            "\(opened.place) does not say of which namespace it is",
                            hint: "kvark restore \(opened.place) --to NAMESPACE restores it alone")
                    }
                    let known = found.first { $0.title.utf8.elementsEqual(title.utf8) }
                    let target = known.map { NamespacePlace($0, of: place) } ?? NamespacePlace(title: title, of: place)
                    return AccountRun.Outcome(try await restore(opened, to: target, part))
                }
            }
            try await AccountRun(jobs, parallel: account.width, verb: "writing", output).run()
        }
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
