import CommandArguments
import KVTransfer

struct RestoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract: "Replays an archive into a namespace.",
        discussion: """
            The archive is verified from end to end before anything is written. A namespace that has keys is refused \
            unless --merge, --keep-existing, --mirror or --differential is given. Records that have expired, or will within 90 seconds, are left out and named.

            --all restores the newest finished archive of all keys of each namespace of a vault into the namespace of its \
            title, makes those that are not there, goes on after the failure of one, and ends with a table, and with 3 if \
            any failed. --max-delete counts for each namespace.

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
            "The archive's folder; VAULT/NAMESPACE/latest is the newest. With --all, the vault.", valueName: "archive"),
        completion: .folders)
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
        let selection = try steps.selecting.selection()
        let report = try await restore(try await Archive.open(path: archive), to: place, selection)
        if !report.isWhole { throw CommandFinding(status: .holes) }
    }

    /// Restores one archive, alone or as one of many.
    private func restore(
        _ opened: Archive, to place: NamespacePlace, _ selection: KeySelection, _ part: AccountRun.Part? = nil
    ) async throws -> ReplayReport {
        if let some = SummaryFacts.selection(opened.manifest.source) {
            output.say("\(opened.place) was made for some keys only: \(some)")
        }
        // Before a namespace is made for it.
        try await ArchiveRecordSource(opened).check()
        if steps.readsFirst { try await replaying.checkTarget(place, connection, output, part) }
        let source = try await steps.source(
            of: ArchiveRecordSource(opened, isVerified: true), selection, age: opened.age)
        let (report, elapsed) = try await replaying.replay(source, to: place, as: "restore", connection, output, part)
        if output.json {
            try JSONOutput.write(JoinedJSON(ReplayJSON(report, elapsed), RestoreJSON(archive: opened.place, report)))
        }
        return report
    }

    /// The newest finished archive of all keys of a namespace; the newest of some, if there is no other.
    private static func newest(
        of listed: ArchiveCatalog.Namespace, in vault: any Vault
    ) async throws -> (path: String, isOfAllKeys: Bool) {
        let whole = listed.archives.last { $0.manifest.map { SummaryFacts.selection($0.source) == nil } ?? false }
        if let whole { return (whole.path, true) }
        let latest = "\(listed.folder)/\(ArchiveCatalog.latest)"
        return (try await ArchiveCatalog.resolve(in: vault, path: latest), false)
    }

    /// Refuses a vault with archives of several accounts: one account's records have no business in another's namespaces.
    private static func checkIsOneAccount(_ catalog: ArchiveCatalog) throws {
        let manifests = catalog.namespaces.flatMap(\.archives).compactMap(\.manifest)
        let accounts = Set(
            manifests.map { "\($0.source.accountID?.rawValue ?? "none") at \($0.source.apiBaseURL ?? "nowhere")" })
        guard accounts.count > 1 else { return }
        let names = accounts.sorted().map(VisibleText.escaped).joined(separator: ", ")
        throw CommandFailure(
            "the vault holds archives of several accounts: \(names)",
            hint: "restore namespaces one by one, or keep a vault for each account")
    }

    /// Refuses a vault in which two folders are of one namespace: which of them comes last would be chance.
    private static func checkTitlesDiffer(_ catalog: ArchiveCatalog) throws {
        let named = Dictionary(grouping: catalog.namespaces.filter { $0.title != nil }) { KVKey($0.title ?? "") }
        guard let (title, both) = named.first(where: { $0.value.count > 1 }) else { return }
        let folders = both.map(\.folder).joined(separator: ", ")
        throw CommandFailure(
            "several folders of the vault hold archives of namespace \(title): \(folders)",
            hint: "restore the right one alone, or move the others out of the vault")
    }

    /// Restores the newest finished archive of each namespace of a vault.
    private func restoreAll() async throws {
        let place = try to?.account ?? .ofEnvironment
        // Once for all: a pipe can be read only once.
        let selection = try steps.selecting.selection()
        let vault = FolderVault(path: archive)
        let catalog = try await ArchiveCatalog.list(in: vault)
        guard !catalog.namespaces.isEmpty else {
            throw CommandFailure(
                "there are no archives in \(archive)", hint: "name the vault, the folder of the namespaces")
        }
        try Self.checkTitlesDiffer(catalog)
        try Self.checkIsOneAccount(catalog)
        try await place.withNamespaces(connection, output) { _, found in
            let jobs = catalog.namespaces.map { listed in
                AccountRun.Job(title: listed.title ?? listed.folder) { part in
                    let (path, isOfAllKeys) = try await Self.newest(of: listed, in: vault)
                    let opened = try await Archive.open(in: vault, at: path)
                    guard let title = opened.manifest.source.namespaceTitle else {
                        throw CommandFailure(
                            "\(opened.place) does not say of which namespace it is",
                            hint: "kvark restore \(opened.place) --to NAMESPACE restores it alone")
                    }
                    let known = found.first { $0.title.utf8.elementsEqual(title.utf8) }
                    let target = known.map { NamespacePlace($0, of: place) } ?? NamespacePlace(title: title, of: place)
                    var outcome = AccountRun.Outcome(try await restore(opened, to: target, selection, part))
                    if !isOfAllKeys {
                        StandardError.line("there is no finished archive of all its keys")
                        outcome.text += ", of some keys only"
                        outcome.isWhole = false
                    }
                    return outcome
                }
            }
            try await AccountRun(jobs, parallel: account.width, verb: "writing", output).run()
        }
    }
}

/// What only a restore has to say.
private struct RestoreJSON: Encodable {
    let archive: String
    let archiveHoles: [HoleJSON]

    init(archive: String, _ report: ReplayReport) {
        self.archive = archive
        archiveHoles = report.sourceHoles.map(HoleJSON.init)
    }
}
