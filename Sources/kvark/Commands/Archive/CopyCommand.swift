import ArgumentParser
import KVTransfer

struct CopyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "copy",
        abstract: "Writes the records of one namespace into another, also of another account.",
        discussion: """
            Streams: nothing is kept on disk. Each account has its own credentials and its own limit of requests, so that \
            reading and writing run side by side. A namespace that has keys is refused unless --merge, --keep-existing, \
            --mirror or --differential is given.

            A copy that was interrupted goes on when the same command is run again within a day; what was written to the \
            source meanwhile, in keys that are behind it, it does not see. With --differential or --keep-existing it begins \
            anew instead, and writes nothing twice.

              kvark copy sessions sessions-copy --create
              kvark copy sessions kv://staging/sessions --mirror --differential --max-delete 1000
              kvark copy kv://old/sessions kv://new/sessions --create --dry-run

            kv://staging/… takes KVARK_STAGING_API_TOKEN and KVARK_STAGING_ACCOUNT_ID from the environment.
            """)

    @Argument(help: "The namespace to read: an id, a title or kv://PROFILE/ID-or-TITLE.")
    var from: NamespacePlace

    @Argument(help: "The namespace to write to.")
    var to: NamespacePlace

    @Option(help: "Only keys that start with this.")
    var prefix = ""

    @Option(help: ArgumentHelp("How many bulk reads are in flight at the most.", valueName: "n"))
    var concurrency = 6

    @Flag(help: "Read every value with a request of its own: exact whatever the server does in bulk, and far slower.")
    var exact = false

    @OptionGroup var writing: ReplayOptions
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard (1...64).contains(concurrency) else { throw ValidationError("--concurrency is a number from 1 to 64") }
    }

    func run() async throws {
        var options = NamespaceSource.Options()
        options.prefix = KVKey(prefix)
        options.concurrency = concurrency
        options.isExact = exact
        let chosen = options
        let isWhole = try await from.withNamespace(connection, output) { client, namespace in
            let source = NamespaceSource(namespace, client: client, options: chosen)
            let (report, elapsed) = try await writing.replay(source, to: to, as: "copy", connection, output) {
                try Self.checkIsAnother($1, of: $0, from: namespace, of: client)
            }
            let read = Dictionary(uniqueKeysWithValues: client.statistics.requests.map { ($0.rawValue, $1) })
            output.say("read with \(Amounts.count(read.values.reduce(0, +), "request"))")
            if output.json { try JSONOutput.write(CopyJSON(source.name, read, report, elapsed)) }
            return report.isWhole
        }
        if !isWhole { throw CommandFinding(status: .holes) }
    }

    private static func checkIsAnother(
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
    private enum CodingKeys: CodingKey { case source, sourceHoles, readRequests }

    let source: String
    let sourceHoles: [HoleJSON]
    let readRequests: [String: Int]
    let replay: ReplayJSON

    init(_ source: String, _ readRequests: [String: Int], _ report: ReplayReport, _ elapsed: Duration) {
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
    }
}
