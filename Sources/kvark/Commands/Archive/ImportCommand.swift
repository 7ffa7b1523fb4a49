import ArgumentParser
import KVExchange
import KVTransfer

struct ImportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Writes the records of files into a namespace.",
        discussion: """
            Reads NDJSON, JSON arrays of pairs as wrangler kv bulk put takes them, what wrangler kv bulk get prints, and \
            CSV, TSV, SQLite databases and folders as kvark cat writes them; files may be compressed with gzip or zstd. \
            What a file is, its content says. Records may stand in any order.

            All files are read before anything is written. Nothing is written if a record is wrong or a key comes \
            twice. Sorting takes space in the folder for temporary files (TMPDIR), as much as the records have.

              kvark import records.ndjson.zst --to sessions --create
              kvark import bulk/*.json --to sessions --merge --dry-run
              kvark cat ./vault/sessions/latest --match 'user:*' | kvark import - --to users --create
            """)

    @Argument(help: ArgumentHelp("Files, and folders written by kvark cat; - is standard input.", valueName: "file"))
    var files: [String]

    @Option(help: ArgumentHelp("An id, a title or kv://PROFILE/ID-or-TITLE.", valueName: "namespace"))
    var to: NamespacePlace

    @Option(
        help: ArgumentHelp(
            "What the files are, instead of what they seem to be.",
            valueName: "ndjson|wrangler|bulk-get|csv|tsv|sqlite|files"))
    var format: ImportFormat?

    @Flag(help: "Leave records out that are wrong, and write the others.")
    var skipInvalid = false

    @Option(help: ArgumentHelp("What to make of a key that comes twice.", valueName: "refuse|last"))
    var duplicates = SortedImport.Duplicates.refuse

    @Flag(help: "Write into a namespace that has keys: keys of the files replace theirs, others stay.")
    var merge = false

    @Flag(help: "Make the namespace when there is none with this title.")
    var create = false

    @Flag(help: "Say what would be done, and write nothing.")
    var dryRun = false

    @Option(
        help: ArgumentHelp(
            "What to do with records that have expired or will within 90 seconds: leave them out, give them 90 seconds, "
                + "or write nothing.", valueName: "skip|extend|fail"))
    var expiring = ExpiringChoice.skip

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        if files.count(where: { $0 == "-" }) > 1 { throw ValidationError("standard input can be read once") }
    }

    func run() async throws {
        // Before a namespace is made for them.
        let source = try readFiles()
        var options = ImportJob.Options()
        options.onConflict = merge ? .merge : .refuse
        options.expiring = expiring.policy
        options.isDryRun = dryRun
        options.recordsExpected = source.records
        let whenMissing: WhenMissing = create ? (dryRun ? .pretend : .create) : .fail
        let chosen = options
        let report = try await to.withNamespace(connection, output, ifMissing: whenMissing) { client, namespace in
            var jobOptions = chosen
            // A namespace that is only pretended has no keys to look for.
            if namespace.id.rawValue.isEmpty { jobOptions.onConflict = .merge }
            let progress = ProgressLine("writing", output)
            defer { progress.clear() }
            return try await ImportJob(of: source, to: namespace, client: client, options: jobOptions)
                .run(progress: progress.receiver)
        }
        try render(report, source)
        if source.faultCount > 0 || !report.holes.isEmpty { throw CommandFinding(status: .holes) }
    }

    private func readFiles() throws -> SortedImport {
        var options = SortedImport.Options()
        options.format = format
        options.duplicates = duplicates
        let source = try SortedImport(reading: files, options: options)
        for fault in source.faults { StandardError.line(fault) }
        Self.sayMore(source.faultCount - source.faults.count)
        if source.faultCount > 0, !skipInvalid {
            throw CommandFailure(
                "\(Amounts.count(source.faultCount, "record")) cannot be imported, nothing was written",
                hint: "--skip-invalid leaves them out")
        }
        if duplicates == .refuse, source.duplicateCount > 0 {
            for duplicate in source.duplicates { StandardError.line(duplicate) }
            Self.sayMore(source.duplicateCount - source.duplicates.count)
            throw CommandFailure(
                "\(Amounts.count(source.duplicateCount, "record")) have keys that came before, nothing was written",
                hint: "--duplicates last takes the last one of each")
        }
        return source
    }

    private static func sayMore(_ count: Int) {
        if count > 0 { StandardError.line("and \(Amounts.count(count)) more") }
    }

    private func render(_ report: ImportReport, _ source: SortedImport) throws {
        output.say(
            "\(report.isDryRun ? "would write" : "wrote") \(Amounts.count(report.written, "record")) "
                + "(\(Amounts.bytes(report.writtenBytes)) of values) to \(KVKey(report.namespace.title)) with "
                + Amounts.count(report.requests.values.reduce(0, +), "request"))
        if source.faultCount > 0 { output.say("left out \(Amounts.count(source.faultCount, "wrong record"))") }
        if source.duplicateCount > 0 {
            output.say("left out \(Amounts.count(source.duplicateCount, "record")) whose keys came again later")
        }
        if source.absentCount > 0 { output.say("\(Amounts.count(source.absentCount, "key")) had no value") }
        if report.extended > 0 {
            output.say("\(Amounts.count(report.extended, "record")) got a later expiration, 90 seconds ahead")
        }
        if report.expired > 0 {
            output.say(
                "left out \(Amounts.count(report.expired, "record")) that have expired or will within 90 seconds:")
            for key in report.expiredKeys { output.say("  expired: \(key)") }
            Self.sayMore(report.expired - report.expiredKeys.count)
        }
        for hole in report.holes { StandardError.line("not written: \(hole.key): \(hole.reason)") }
        if output.json { try JSONOutput.write(ImportJSON(report, source)) }
    }
}

extension ImportFormat: ExpressibleByArgument {}
extension SortedImport.Duplicates: ExpressibleByArgument {}

private struct ImportJSON: Encodable {
    let namespace: String
    let namespaceID: String
    let dryRun: Bool
    let written: Int
    let writtenBytes: Int
    let invalid: Int
    let duplicates: Int
    let absent: Int
    let expired: Int
    let expiredKeys: [String]
    let extended: Int
    let holes: [HoleJSON]
    let requests: [String: Int]

    init(_ report: ImportReport, _ source: SortedImport) {
        namespace = report.namespace.title
        namespaceID = report.namespace.id.rawValue
        dryRun = report.isDryRun
        written = report.written
        writtenBytes = report.writtenBytes
        invalid = source.faultCount
        duplicates = source.duplicateCount
        absent = source.absentCount
        expired = report.expired
        expiredKeys = report.expiredKeys.map(\.string)
        extended = report.extended
        holes = report.holes.map(HoleJSON.init)
        requests = report.requests
    }
}
