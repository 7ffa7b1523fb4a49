import CommandArguments
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

            An import that was interrupted goes on when the same command is run again within a day, with the same \
            content. Its checkpoint is kept where those of restores are.

              kvark import records.ndjson.zst --to sessions --create
              kvark import bulk/*.json --to sessions --merge --dry-run
              kvark cat ./vault/sessions/latest --match 'user:*' | kvark import - --to users --create
            """)

    @Argument(
        help: ArgumentHelp("Files, and folders written by kvark cat; - is standard input.", valueName: "file"),
        completion: .files)
    var files: [String]

    @Option(help: "What the files are, instead of what they seem to be.")
    var format: ImportFormat?

    @Flag(help: "Leave records out that are wrong, and write the others.")
    var skipInvalid = false

    @Option(help: "What to make of a key that comes twice.")
    var duplicates = SortedImport.Duplicates.refuse

    @Option(help: ArgumentHelp("An id, a title or kv://PROFILE/ID-or-TITLE.", valueName: "namespace"))
    var to: NamespacePlace

    @OptionGroup var steps: StepOptions
    @OptionGroup var replaying: ReplayOptions
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        if (files + [steps.selecting.keysFrom].compactMap(\.self)).count(where: { $0 == "-" }) > 1 {
            throw ValidationError("standard input can be read once")
        }
        try steps.check(replaying, hasAge: false)
        if replaying.mirror, skipInvalid {
            throw ValidationError("--mirror would delete the keys of records that --skip-invalid leaves out")
        }
    }

    func run() async throws {
        // Before a namespace is made for them.
        let read = try readFiles()
        let source = try await steps.source(of: read, steps.selecting.selection())
        let (report, elapsed) = try await replaying.replay(source, to: to, as: "import", connection, output)
        sayLeftOut(read)
        if output.json { try JSONOutput.write(JoinedJSON(ReplayJSON(report, elapsed), ImportJSON(read))) }
        if read.faultCount > 0 || !report.isWhole { throw CommandFinding(status: .holes) }
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

    private func sayLeftOut(_ source: SortedImport) {
        if source.faultCount > 0 { output.say("left out \(Amounts.count(source.faultCount, "wrong record"))") }
        if source.duplicateCount > 0 {
            output.say("left out \(Amounts.count(source.duplicateCount, "record")) whose keys came again later")
        }
        if source.absentCount > 0 { output.say("\(Amounts.count(source.absentCount, "key")) had no value") }
    }
}

extension ImportFormat: ExpressibleByArgument {}
extension SortedImport.Duplicates: ExpressibleByArgument {}

/// What only an import has to say.
private struct ImportJSON: Encodable {
    let invalid: Int
    let duplicates: Int
    let absent: Int

    init(_ source: SortedImport) {
        invalid = source.faultCount
        duplicates = source.duplicateCount
        absent = source.absentCount
    }
}
