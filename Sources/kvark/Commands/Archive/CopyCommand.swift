import CommandArguments
import KVTransfer

struct CopyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "copy",
        abstract: "Writes the records of one namespace into another, also of another account.",
        discussion: """
            Streams: nothing is kept on disk, unless --archive VAULT asks for an archive of it. Each account has its own credentials and its own limit of requests, so that \
            reading and writing run side by side. A namespace that has keys is refused unless --merge, --keep-existing, \
            --mirror or --differential is given.

            A copy that was interrupted goes on when the same command is run again within a day; what was written to the \
            source meanwhile, in keys that are behind it, it does not see. With --differential or --keep-existing it begins \
            anew instead, and writes nothing twice.

              kvark copy sessions sessions-copy --create
              kvark copy sessions kv://staging/sessions --mirror --differential --max-delete 1000
              kvark copy kv://old/sessions kv://new/sessions --create --dry-run
              kvark copy kv://old/sessions kv://new/sessions --create --archive ./vault
              kvark copy --all kv://old/ kv://new/ --dry-run
              kvark copy sessions users --match 'user:*' --rename-prefix user:= --create

            --all copies every namespace into the one of the same title, makes those that are not there, goes on after the \
            failure of one, and ends with a table, and with 3 if any failed. --max-delete counts for each namespace.

            kv://staging/… takes KVARK_STAGING_API_TOKEN and KVARK_STAGING_ACCOUNT_ID from the environment.
            """)

    @Argument(help: "The namespace to read: an id, a title or kv://PROFILE/ID-or-TITLE. With --all, kv://PROFILE/.")
    var from: NamespaceOrAccount

    @Argument(help: "The namespace to write to. With --all, kv://PROFILE/.")
    var to: NamespaceOrAccount

    @OptionGroup var account: AccountOptions

    @OptionGroup var reading: ReadingOptions

    @Flag(help: "Read every value with a request of its own: exact whatever the server does in bulk, and far slower.")
    var exact = false

    @Option(
        help: ArgumentHelp(
            "Write an archive of what is read into this vault, and copy from it: nothing is read twice.",
            valueName: "vault"),
        completion: .folders)
    var archive: String?

    @OptionGroup var steps: StepOptions
    @OptionGroup var replaying: ReplayOptions
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        try steps.check(replaying, hasAge: archive != nil)
        for place in [from, to] {
            if account.all { _ = try place.account } else { _ = try place.namespace }
        }
        if account.all, replaying.create {
            throw ValidationError("--all makes the namespaces that are not there; leave --create out")
        }
        if archive?.isEmpty == true { throw ValidationError("--archive is empty; name the folder that holds archives") }
    }

    func run() async throws {
        if account.all { return try await copyAll() }
        let report = try await copy(from.namespace, to: to.namespace, try steps.selecting.selection())
        if !report.isWhole { throw CommandFinding(status: .holes) }
    }

    /// Copies one namespace, alone or as one of many.
    func copy(
        _ place: NamespacePlace, to target: NamespacePlace, _ selection: KeySelection, _ part: AccountRun.Part? = nil
    ) async throws -> ReplayReport {
        try await place.withNamespace(connection, output) { client, namespace in
            let copied =
                if let archive, !replaying.writing.dryRun {
                    try await copyThroughArchive(in: archive, of: namespace, client, to: target, selection, part)
                } else {
                    try await copyDirectly(namespace, client, to: target, selection, part)
                }
            try finish(copied, namespace, client)
            return copied.report
        }
    }

    /// What a copy has come to.
    struct Copied {
        var report: ReplayReport
        var elapsed: Duration
        var archive: Archive?
    }

    private func copyDirectly(
        _ namespace: Namespace, _ client: KVClient, to target: NamespacePlace, _ selection: KeySelection,
        _ part: AccountRun.Part?
    ) async throws -> Copied {
        var options = NamespaceSource.Options()
        options.concurrency = reading.widths
        options.isExact = exact
        let check: (KVClient, Namespace) throws -> Void = {
            try Self.checkIsAnother($1, of: $0, from: namespace, of: client)
        }
        if steps.readsFirst { try await replaying.checkTarget(target, connection, output, part, check: check) }
        let whole = NamespaceSource(namespace, client: client, options: options)
        // Only a dry run of a copy by way of an archive comes here with one: it would be new.
        let source = try await steps.source(of: whole, selection, age: archive == nil ? nil : 0)
        let (report, elapsed) = try await replaying.replay(
            source, to: target, as: "copy", connection, output, part, check: check)
        return Copied(report: report, elapsed: elapsed)
    }

    /// Copies every namespace of an account into the namespace of the same title of another.
    private func copyAll() async throws {
        let (source, target) = (try from.account, try to.account)
        // Once for all: a pipe can be read only once.
        let selection = try steps.selecting.selection()
        try await source.withNamespaces(connection, output) { client, found in
            try await target.withNamespaces(connection, output) { targetClient, there in
                guard
                    client.options.accountID != targetClient.options.accountID
                        || client.options.baseURL != targetClient.options.baseURL
                else {
                    throw CommandFailure("\(source) would be copied onto itself", hint: "name another account")
                }
                if found.isEmpty { StandardError.line("account \(client.options.accountID) has no namespaces") }
                let jobs = found.map { namespace in
                    AccountRun.Job(title: namespace.title) { part in
                        let known = there.first { $0.title.utf8.elementsEqual(namespace.title.utf8) }
                        let place = known.map { NamespacePlace($0, of: target) }
                        return AccountRun.Outcome(
                            try await copy(
                                NamespacePlace(namespace, of: source),
                                to: place ?? NamespacePlace(title: namespace.title, of: target), selection, part))
                    }
                }
                try await AccountRun(jobs, parallel: account.width, verb: "copying", output).run()
            }
        }
    }

    /// Says what it took to read.
    private func finish(_ copied: Copied, _ namespace: Namespace, _ client: KVClient) throws {
        let read = Dictionary(uniqueKeysWithValues: client.statistics.requests.map { ($0.rawValue, $1) })
        output.say("read with \(Amounts.count(read.values.boundedSum, "request"))")
        if copied.report.isDryRun { output.say(PlanSummary(.reading(again: read)).line("reading in the run itself")) }
        if output.json {
            let own = CopyJSON(
                source: "namespace \(KVKey(namespace.title))",
                sourceHoles: copied.report.sourceHoles.map(HoleJSON.init),
                readRequests: read, archive: copied.archive?.place)
            try JSONOutput.write(JoinedJSON(ReplayJSON(copied.report, copied.elapsed), own))
        }
    }

    static func checkIsAnother(
        _ target: Namespace, of targetClient: KVClient, from source: Namespace, of sourceClient: KVClient
    ) throws {
        guard
            target.id == source.id, targetClient.options.accountID == sourceClient.options.accountID,
            targetClient.options.baseURL == sourceClient.options.baseURL
        else { return }
        throw CommandFailure("\(KVKey(source.title)) would be copied onto itself", hint: "name another namespace")
    }
}

/// What only a copy has to say.
private struct CopyJSON: Encodable {
    let source: String
    let sourceHoles: [HoleJSON]
    let readRequests: [String: Int]
    let archive: String?
}
