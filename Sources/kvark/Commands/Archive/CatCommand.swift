import CommandArguments
import KVExchange
import KVTransfer

struct CatCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cat",
        abstract: "Writes the records of an archive in one of six formats.",
        discussion: """
            ndjson (the default): a pair of the API's bulk write per line; key, expiration, metadata, base64 and value.
            wrangler: JSON arrays for wrangler kv bulk put; cannot carry metadata other than objects and arrays. With \
            --output, a folder of bulk-0001.json and so on; else one array, if all fits into one.
            csv, tsv: a table with the columns key, value, encoding, expiration and metadata.
            sqlite: a database with one table, records.
            files: a folder with a file for each value, named by the encoded key, and index.ndjson.

            All but wrangler carry everything, and kvark import reads all of them. Records that a format cannot \
            carry are named, and so are keys that the backup could not read; the exit code is 3 then. An output that is there already is never touched.

              kvark cat ./vault/sessions/latest | jq -r .key
              kvark cat ./vault/sessions/latest --match 'user:[0-9]*' --keys-only
              kvark cat ./vault/sessions/latest --format sqlite --output sessions.sqlite
              kvark cat ./vault/sessions/latest --format wrangler --output ./bulk
              kvark cat ./vault/sessions/2026-11-23T020000Z --salvage > rescued.ndjson
            """)

    @Argument(help: "The archive's folder.", completion: .folders)
    var archive: String

    @Option(help: "What to write.")
    var format = ExportFormat.ndjson

    @Option(
        help: ArgumentHelp(
            "Where to write instead of standard output: a file, or a folder for wrangler and files.", valueName: "path"),
        completion: .files)
    var output: String?

    @OptionGroup var selecting: SelectionOptions

    @Option(help: ArgumentHelp("At most so many records, from the first on.", valueName: "n"))
    var limit: Int?

    @Flag(help: "Write what is whole of a damaged archive, say what is lost, and exit with 4 if anything is.")
    var salvage = false

    @Flag(help: "Only the keys, each as a JSON string on a line of its own.")
    var keysOnly = false

    @Option(help: ArgumentHelp("The most records of one wrangler array.", valueName: "n"))
    var chunkRecords = KVLimits.bulkWritePairs

    @Flag(name: .shortAndLong, help: "Print nothing but errors, warnings and what was asked for.")
    var quiet = false

    func validate() throws {
        if let limit, limit < 0 { throw ValidationError("--limit is a number from 0 on") }
        guard (1...KVLimits.bulkWritePairs).contains(chunkRecords) else {
            throw ValidationError("--chunk-records is a number from 1 to \(KVLimits.bulkWritePairs)")
        }
        if keysOnly, format != .ndjson { throw ValidationError("--keys-only has a format of its own") }
        if output?.isEmpty == true { throw ValidationError("--output is empty") }
        if output == nil, !format.isStream { throw ValidationError("--format \(format.rawValue) needs --output") }
    }

    func run() async throws {
        if salvage { return try await runSalvage() }
        let opened = try await Archive.open(path: archive)
        let selection = try selecting.selection()
        let source = chosen(ArchiveRecordSource(opened, prefix: selection.span), selection)
        let report = try await export(source, to: try await sink()) { hole in
            StandardError.line("left out: \(hole.key): \(hole.reason)")
        }
        if let output, !quiet {
            StandardError.line("wrote \(Amounts.count(report.written, "record")) to \(output)")
        }
        if report.leftOut > 0 { StandardError.line("left out \(Amounts.count(report.leftOut, "record"))") }
        for hole in source.holes { StandardError.line("not in the archive: \(hole.key): \(hole.reason)") }
        if report.leftOut > 0 || !source.holes.isEmpty { throw CommandFinding(status: .holes) }
    }

    private func runSalvage() async throws {
        let selection = try selecting.selection()
        let wreck = SalvageSource(try await ArchiveSalvage(path: archive), path: archive, prefix: selection.span)
        let source = chosen(wreck, selection, readsToEnd: true)
        let report = try await export(source, to: try await sink()) { hole in
            StandardError.line("left out: \(hole.key): \(hole.reason)")
        }
        for hole in source.holes { StandardError.line("not in the archive: \(hole.key): \(hole.reason)") }
        let hasHoles = report.leftOut > 0 || !source.holes.isEmpty
        guard let salvaged = wreck.report else {
            StandardError.line("what follows the last of these records was not looked at (--limit)")
            if hasHoles { throw CommandFinding(status: .holes) }
            return
        }
        for loss in salvaged.losses { StandardError.line("lost: \(loss)") }
        let lost = salvaged.recordsLost.map { ", \(Amounts.count($0)) are lost" } ?? ""
        if !quiet { StandardError.line("\(Amounts.count(salvaged.records, "record")) can be read\(lost)") }
        if !salvaged.isComplete { throw CommandFinding(status: .differences) }
        if hasHoles { throw CommandFinding(status: .holes) }
    }

    private func chosen(
        _ source: any RecordSource, _ selection: KeySelection, readsToEnd: Bool = false
    ) -> any RecordSource {
        let selected = SelectedRecords(source, selection, readsToEnd: readsToEnd)
        return limit.map { LimitedRecords(selected, limit: $0) } ?? selected
    }

    private func sink() async throws -> any ExportSink {
        if let output {
            return keysOnly
                ? try await LineSink.keys(toPath: output)
                : try await format.sink(toPath: output, chunkRecords: chunkRecords)
        }
        if keysOnly { return LineSink(StandardOutputWriter(), .key) }
        guard let sink = format.streamSink(to: StandardOutputWriter(), chunkRecords: chunkRecords) else {
            preconditionFailure("--output is checked before the command runs")
        }
        return sink
    }
}

extension ExportFormat: ExpressibleByArgument {}
