import CommandArguments
import JSONText
import KVTransfer

struct BulkCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bulk",
        abstract: "Reads, writes and deletes many keys with few requests.",
        subcommands: [Get.self, Put.self, Delete.self])

    /// Sends requests one after the other and tells what became of their keys as soon as it is known, so that an error
    /// half-way does not hide what was done before it.
    ///
    /// - Parameters:
    ///   - requests: The requests.
    ///   - verb: What is being done, in the past: `wrote`, `deleted`.
    ///   - count: How many keys a request has.
    ///   - output: What the user wants to be told.
    ///   - send: Sends a request.
    /// - Throws: What `send` throws; ``CommandFinding`` with `holes` when keys were not taken.
    fileprivate static func sendAll<Request>(
        _ requests: [Request], _ verb: String, count: (Request) -> Int, _ output: OutputOptions,
        send: (Request) async throws -> BulkReport
    ) async throws {
        var done = 0
        var hasHoles = false
        do {
            for request in requests {
                let missing = sayWhatIsMissing(try await send(request), of: count(request))
                hasHoles = hasHoles || missing > 0
                done += count(request) - missing
            }
        } catch {
            if done > 0 { StandardError.line("\(verb) \(Amounts.count(done, "key")) before this failed:") }
            throw error
        }
        output.say("\(verb) \(Amounts.count(done, "key")) with \(Amounts.count(requests.count, "request"))")
        if hasHoles { throw CommandFinding(status: .holes) }
    }

    /// Names the keys of a request that the API did not take, and counts those that it does not name.
    ///
    /// - Returns: How many there are.
    private static func sayWhatIsMissing(_ report: BulkReport, of count: Int) -> Int {
        let named = Set(report.unsuccessfulKeys)
        for key in named.sorted() { StandardError.line("not done: \(key): the API reports it as unsuccessful") }
        let unnamed = max(0, count - named.count - (report.successfulKeyCount ?? count))
        if unnamed > 0 {
            StandardError.line(
                "not done: \(Amounts.count(unnamed, "key")) of \(Amounts.count(count)) that the API does not name")
        }
        return min(count, named.count + unnamed)
    }

    struct Get: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "get",
            abstract: "Prints records, one JSON object per line, in the order of the keys.",
            discussion: """
                Works for values that are text: the API refuses a request that touches another one.

                  kvark bulk get sessions user:1 user:2
                  kvark bulk get sessions --keys keys.json      # an array of strings, or of objects with "name"
                """)

        @Argument(help: "An id, a title or kv://PROFILE/ID-or-TITLE.")
        var namespace: NamespacePlace

        @OptionGroup var chosen: KeyArguments
        @OptionGroup var connection: ConnectionOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let keys = try chosen.keys()
            let size = KVLimits.bulkGetKeys
            let missing = try await namespace.withNamespace(connection, output) { client, namespace in
                var missing: [KVKey] = []
                for start in stride(from: 0, to: keys.count, by: size) {
                    let batch = Array(keys[start..<min(start + size, keys.count)])
                    let result = try await client.bulkGet(batch, in: namespace.id)
                    missing += batch.filter { result[$0] == nil }
                    for record in batch.compactMap({ result[$0] }) {
                        try StandardOutput.write(RecordLine(record).text + [0x0A])
                    }
                }
                return missing
            }
            for key in missing { StandardError.line("no such key: \(key)") }
            if !missing.isEmpty { throw CommandFinding(status: .holes) }
        }
    }

    struct Put: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "put",
            abstract: "Writes pairs from a JSON file.",
            discussion: """
                The file is an array of pairs as wrangler and the API take it, or one pair per line: key, value, and \
                optionally base64, metadata, expiration or expiration_ttl. Nothing is written if a pair is wrong.

                  kvark bulk put sessions pairs.json
                  kvark cat ./vault/sessions/latest --prefix user: | kvark bulk put sessions-copy -
                """)

        @Argument(help: "An id, a title or kv://PROFILE/ID-or-TITLE.")
        var namespace: NamespacePlace

        @Argument(help: ArgumentHelp("The file; - for standard input.", valueName: "file"), completion: .files)
        var file: String

        @OptionGroup var connection: ConnectionOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let requests = try BulkFile.requests(in: file)
            try await namespace.withNamespace(connection, output) { client, namespace in
                try await BulkCommand.sendAll(requests, "wrote", count: \.count, output) { pairs in
                    try await client.bulkWrite(pairs, in: namespace.id)
                }
            }
        }
    }

    struct Delete: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "delete",
            abstract: "Deletes keys; those that do not exist count as deleted.",
            discussion: """
                  kvark bulk delete sessions user:1 user:2
                  kvark key list sessions --prefix old: | jq -s . | kvark bulk delete sessions --keys -
                """)

        @Argument(help: "An id, a title or kv://PROFILE/ID-or-TITLE.")
        var namespace: NamespacePlace

        @OptionGroup var chosen: KeyArguments
        @OptionGroup var connection: ConnectionOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            // The API counts a key once, however often it is named.
            var seen: Set<KVKey> = []
            let keys = try chosen.keys().filter { seen.insert($0).inserted }
            let size = KVLimits.bulkDeleteKeys
            let requests = stride(from: 0, to: keys.count, by: size).map { keys[$0..<min($0 + size, keys.count)] }
            try await namespace.withNamespace(connection, output) { client, namespace in
                try await BulkCommand.sendAll(requests, "deleted", count: \.count, output) { batch in
                    try await client.bulkDelete(Array(batch), in: namespace.id)
                }
            }
        }
    }
}

/// Keys that the user names one by one, or in a file.
struct KeyArguments: ParsableArguments {
    @Argument(help: ArgumentHelp("Keys.", valueName: "key"))
    var names: [String] = []

    @Option(
        name: .customLong("keys"),
        help: ArgumentHelp("A JSON file of keys; - for standard input.", valueName: "file"),
        completion: .files)
    var file: String?

    func validate() throws {
        if names.isEmpty, file == nil { throw ValidationError("name keys, or a file of them with --keys") }
    }

    /// All of them, in the order in which they were named.
    func keys() throws -> [KVKey] { try names.map { KVKey($0) } + (file.map { try BulkFile.keys(in: $0) } ?? []) }
}
