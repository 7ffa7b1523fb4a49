import CommandArguments
import KVArchive
import KVTransfer

struct ShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Shows what is in an archive: sizes, kinds, prefixes, expirations and what reading it took.",
        discussion: """
            Reads all records once, in constant memory. --quick reads none and shows what the manifest says.

              kvark show ./vault/sessions/latest
              kvark show ./vault/sessions/latest --quick
              kvark show ./vault/sessions/latest --html sessions.html     # a page with plots
              kvark show ./vault/sessions/latest --json | jq .statistics.prefixes.firstLevel
            """)

    @Argument(help: "The archive's folder.", completion: .folders)
    var archive: String

    @Flag(help: "Read no records: show only what the manifest and the list of parts say.")
    var quick = false

    @Option(
        help: ArgumentHelp(
            "Write a page with plots instead of text, in the place of a file that is there; - for standard output.",
            valueName: "file"),
        completion: .files)
    var html: String?

    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard let html else { return }
        if html.isEmpty { throw ValidationError("--html is empty; name a file, or - for standard output") }
        if quick { throw ValidationError("--html plots the records, which --quick does not read") }
        if html == "-", output.json { throw ValidationError("--json and --html - both write to standard output") }
    }

    func run() async throws {
        let opened = try await Archive.open(path: archive)
        let statistics = quick ? nil : try await count(opened)
        let summary = ArchiveSummary(
            place: archive, manifest: opened.manifest, parts: opened.parts, statistics: statistics)
        if let html, let statistics {
            try OutputFile.write(SummaryPage(summary, statistics).bytes, to: html)
            if html != "-" { output.say("wrote \(html)") }
        }
        if output.json {
            try StandardOutput.write(SummaryJSON.text(of: summary))
        } else if html == nil {
            try StandardOutput.write(Array(SummaryText(summary).lines.map { $0 + "\n" }.joined().utf8))
        }
    }

    private func count(_ archive: Archive) async throws -> ArchiveStatistics {
        let progress = ProgressLine("reading", output)
        defer { progress.clear() }
        let receive = progress.receiver
        return try await archive.statistics(at: UnixTime.now()) { records in
            receive(JobProgress(records: records, recordsExpected: archive.manifest.totals.records))
        }
    }
}
