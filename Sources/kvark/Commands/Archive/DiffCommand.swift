import CommandArguments
import KVExchange
import KVTransfer

struct DiffCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff",
        abstract: "Compares archives, namespaces and files, in any combination, record by record.",
        discussion: """
            A line for each key: "-" only in A, "+" only in B, "*" in both with another value, metadata or expiration, \
            "=" the same (with --same). Exit code 4 means differences. What exists as a file or folder or contains a \
            slash is an archive, or a file of a format that kvark import reads; kv:///TITLE names a namespace whatever \
            its title. --patch writes what makes A like B, for kvark apply.

              kvark diff ./vault/sessions/latest sessions
              kvark diff ./vault/sessions/2026-11-22T020000Z ./vault/sessions/2026-11-23T020000Z
              kvark diff sessions kv://staging/sessions --prefix user: --quick
              kvark diff ./vault/sessions/latest sessions --values
              kvark diff sessions ./vault/sessions/latest --patch back.ndjson
              kvark diff expected.csv sessions --match 'user:*'
              kvark diff ./vault/sessions/latest sessions --json | jq -r 'select(.change) | .key'
            """)

    @Argument(help: "An archive, a namespace or a file.", completion: .files)
    var a: RecordPlace

    @Argument(help: "What to compare it with.", completion: .files)
    var b: RecordPlace

    @OptionGroup var filter: FilterOptions

    @Flag(help: "Print keys whose records are the same, too.")
    var same = false

    @Flag(
        help:
            "Compare metadata and expirations, not values: namespaces are listed, which takes a hundredth of the requests."
    )
    var quick = false

    @Flag(help: "Compare keys only.")
    var keysOnly = false

    @Flag(help: "Show what has changed: the beginning of text values, metadata and expirations.")
    var values = false

    @Option(
        help: ArgumentHelp(
            "Write what makes A like B, records to put and keys to delete, into a new file.", valueName: "file"),
        completion: .files)
    var patch: String?

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        if quick, keysOnly { throw ValidationError("--quick and --keys-only exclude each other") }
        if patch != nil, quick || keysOnly {
            throw ValidationError("--patch needs the values, which --quick and --keys-only do not read")
        }
        if patch?.isEmpty == true { throw ValidationError("--patch is empty; name a file") }
        if values, output.json { throw ValidationError("--values is for people, --json for programs") }
        if values, quick || keysOnly {
            throw ValidationError("--values shows what --quick and --keys-only do not read")
        }
    }

    private var depth: RecordDepth { keysOnly ? .keys : quick ? .details : .everything }

    func run() async throws {
        let selection = filter.selection
        let opened = (a: try await a.open(), b: try await b.open())
        if patch != nil { try checkScope(of: opened.b.archive, selection) }
        let report = try await a.withSource(
            opened.a, hints: opened.b.archive, selection, depth: depth, connection, output
        ) { first in
            try await b.withSource(
                opened.b, hints: opened.a.archive, selection, depth: depth, connection, output
            ) { second in
                try await compare(first, second)
            }
        }
        if !report.isIdentical { throw CommandFinding(status: .differences) }
    }

    /// Refuses a patch to an archive that was made for other keys: it would delete those that the archive says nothing of.
    private func checkScope(of archive: Archive?, _ selection: KeySelection) throws {
        guard let archive else { return }
        let scope = ArchiveRecordSource(archive).scope
        if let scope, selection.prefix.hasPrefix(scope) { return }
        throw CommandFailure(
            "\(archive.place) was made for some keys only (\(SummaryFacts.selection(archive.manifest.source) ?? "")): a patch "
                + "would delete the others",
            hint: scope.map { "--prefix \($0.string) compares those that it was made for" })
    }

    private func compare(_ first: any RecordSource, _ second: any RecordSource) async throws -> DiffReport {
        guard let patch else { return try await compare(first, second) { _ in } }
        var writer = try await PatchWriter(toPath: patch, from: first.name, to: second.name)
        do {
            let report = try await compare(first, second) { try await writer.append($0) }
            // Of keys that B has listed and then not had, only so many are looked for again.
            guard second.doubtfulKeys.count < ReadTally.Counts.vanishedKeysMaximum else {
                throw CommandFailure(
                    "too many keys of \(second.name) went away while it was read; no patch was written",
                    hint: "try again when less is deleted there")
            }
            try await writer.finish(unreadable: report.unreadable.count)
            output.say("wrote \(patch), which makes A like B: kvark apply \(patch) --to NAMESPACE")
            return report
        } catch {
            await writer.abandon()
            throw error
        }
    }

    private func compare(
        _ first: any RecordSource, _ second: any RecordSource, _ note: (Difference) async throws -> Void
    ) async throws -> DiffReport {
        let progress = ProgressLine("comparing", output)
        defer { progress.clear() }
        let report = try await DiffJob(first, second, depth: depth).run(progress: progress.receiver) { difference in
            try await note(difference)
            if case .same = difference, !same { return }
            progress.clear()
            let shown = ShownDifference(difference)
            if output.json { return try JSONOutput.write(shown) }
            try StandardOutput.line(shown.line)
            if values { for line in shown.details(difference) { try StandardOutput.line(line) } }
        }
        progress.clear()
        try render(report)
        return report
    }

    private func render(_ report: DiffReport) throws {
        for hole in report.unreadable { StandardError.line("not read: \(hole.key): \(hole.reason)") }
        if output.json { return try JSONOutput.write(DiffJSON(report, depth)) }
        if report.expired > 0 {
            output.say("\(Amounts.count(report.expired, "record")) of one side expired and not counted as a difference")
        }
        if report.isIdentical {
            if output.quiet { return }
            try StandardOutput.line("identical: \(Amounts.count(report.same, "record"))\(depthText)")
        } else {
            try StandardOutput.line(
                "different: \(Amounts.count(report.same)) the same, \(Amounts.count(report.changed)) changed, "
                    + "\(Amounts.count(report.onlyInFirst)) only in A, \(Amounts.count(report.onlyInSecond)) only in B, "
                    + "\(Amounts.count(report.unreadable.count)) not readable\(depthText)")
        }
    }

    /// What was looked at: no less and no more than that.
    private var depthText: String {
        switch depth {
        case .everything: ""
        case .details: " (metadata and expirations; values were not compared)"
        case .keys: " (keys only)"
        }
    }
}

private struct DiffJSON: Encodable {
    let a: String
    let b: String
    let compared: String
    let isIdentical: Bool
    let same: Int
    let changed: Int
    let onlyInA: Int
    let onlyInB: Int
    let expired: Int
    let notReadable: [HoleJSON]

    init(_ report: DiffReport, _ depth: RecordDepth) {
        switch depth {
        case .everything: compared = "everything"
        case .details: compared = "details"
        case .keys: compared = "keys"
        }
        a = report.first
        b = report.second
        isIdentical = report.isIdentical
        same = report.same
        changed = report.changed
        onlyInA = report.onlyInFirst
        onlyInB = report.onlyInSecond
        expired = report.expired
        notReadable = report.unreadable.map(HoleJSON.init)
    }
}
