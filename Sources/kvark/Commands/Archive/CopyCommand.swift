import ArgumentParser
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
              kvark copy sessions users --match 'user:*' --rename-prefix user:= --create

            kv://staging/… takes KVARK_STAGING_API_TOKEN and KVARK_STAGING_ACCOUNT_ID from the environment.
            """)

    @Argument(help: "The namespace to read: an id, a title or kv://PROFILE/ID-or-TITLE.")
    var from: NamespacePlace

    @Argument(help: "The namespace to write to.")
    var to: NamespacePlace

    @Option(help: ArgumentHelp("How many bulk reads are in flight at the most.", valueName: "n"))
    var concurrency = 6

    @Flag(help: "Read every value with a request of its own: exact whatever the server does in bulk, and far slower.")
    var exact = false

    @Option(
        help: ArgumentHelp(
            "Write an archive of what is read into this vault, and copy from it: nothing is read twice.",
            valueName: "vault"))
    var archive: String?

    @OptionGroup var steps: StepOptions
    @OptionGroup var replaying: ReplayOptions
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        if archive?.isEmpty == true { throw ValidationError("--archive is empty; name the folder that holds archives") }
        guard (1...64).contains(concurrency) else { throw ValidationError("--concurrency is a number from 1 to 64") }
    }

    func run() async throws {
        let isWhole = try await from.withNamespace(connection, output) { client, namespace in
            if let archive, !replaying.writing.dryRun {
                let (report, elapsed, made) = try await copyThroughArchive(in: archive, of: namespace, client)
                return try finish(report, elapsed, namespace, client, made)
            }
            let (report, elapsed) = try await copyDirectly(namespace, client)
            return try finish(report, elapsed, namespace, client, nil)
        }
        if !isWhole { throw CommandFinding(status: .holes) }
    }

    private func copyDirectly(
        _ namespace: Namespace, _ client: KVClient
    ) async throws -> (report: ReplayReport, elapsed: Duration) {
        var options = NamespaceSource.Options()
        options.concurrency = concurrency
        options.isExact = exact
        let selection = try steps.selecting.selection()
        if steps.readsFirst { try await replaying.checkTarget(to, connection, output) }
        let whole = NamespaceSource(namespace, client: client, options: options)
        let source = try await steps.source(of: whole, selection)
        return try await replaying.replay(source, to: to, as: "copy", connection, output) {
            try Self.checkIsAnother($1, of: $0, from: namespace, of: client)
        }
    }

    /// Says what it took to read; whether the copy is whole.
    private func finish(
        _ report: ReplayReport, _ elapsed: Duration, _ namespace: Namespace, _ client: KVClient, _ archive: Archive?
    ) throws -> Bool {
        let read = Dictionary(uniqueKeysWithValues: client.statistics.requests.map { ($0.rawValue, $1) })
        output.say("read with \(Amounts.count(read.values.reduce(0, +), "request"))")
        if report.isDryRun { output.say(PlanSummary(.reading(again: read)).line("reading in the run itself")) }
        if output.json {
            let source = "namespace \(KVKey(namespace.title))"
            try JSONOutput.write(CopyJSON(source, read, report, elapsed, archive: archive?.place))
        }
        return report.isWhole
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

private struct CopyJSON: Encodable {
    private enum CodingKeys: CodingKey { case source, sourceHoles, readRequests, archive }

    let source: String
    let sourceHoles: [HoleJSON]
    let readRequests: [String: Int]
    let archive: String?
    let replay: ReplayJSON

    init(
        _ source: String, _ readRequests: [String: Int], _ report: ReplayReport, _ elapsed: Duration, archive: String?
    ) {
        self.archive = archive
        self.source = source
        self.readRequests = readRequests
        sourceHoles = report.sourceHoles.map(HoleJSON.init)
        replay = ReplayJSON(report, elapsed)
    }

    func encode(to encoder: any Encoder) throws {
        try replay.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(source, forKey: .source)
        try container.encode(sourceHoles, forKey: .sourceHoles)
        try container.encode(readRequests, forKey: .readRequests)
        try container.encodeIfPresent(archive, forKey: .archive)
    }
}
