import CommandArguments
import KVTransfer

struct VerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Checks every byte, record and count of archives; needs no network.",
        discussion: """
            Every file is hashed, every frame decompressed, every record checked for form, order and limits, every \
            count compared. Exit code 4 means damage; each is named with part, frame and keys where they are known.

            --quick looks at the small files and at the sizes of the parts, not into them: it finds a missing or cut \
            file, not a changed byte. --sample checks the whole of a random share of the parts besides: with 5% every \
            night, all of a large archive is read in some months.

              kvark verify ./vault/sessions/latest
              kvark verify ./vault/sessions/* --quick
              kvark verify ./vault/sessions/latest --sample 5%
              kvark verify ./vault/*/2026-11-23T* --json
            """)

    @Argument(help: ArgumentHelp("Archives' folders.", valueName: "archive"), completion: .folders)
    var archives: [String]

    @Flag(help: "Check only the small files and the sizes of the parts.")
    var quick = false

    @Option(help: ArgumentHelp("Check only a random share of the parts.", valueName: "share%"))
    var sample: Share?

    @OptionGroup var output: OutputOptions

    func validate() throws {
        if quick, sample != nil { throw ValidationError("--quick reads no part and --sample some; name one of them") }
    }

    func run() async throws {
        var isDamaged = false
        var hasFailed = false
        for path in archives {
            do {
                isDamaged = try await !verify(path) || isDamaged
            } catch let error as ArchiveError where error.isDamage {
                isDamaged = true
                try renderUnreadable(path, error)
            } catch let error as ArchiveError {
                hasFailed = true
                StandardError.line("kvark: \(path): \(Hints.describe(error))")
                for hint in Hints.hints(for: error) { StandardError.line("hint: \(hint)") }
            }
        }
        if isDamaged { throw CommandFinding(status: .differences) }
        if hasFailed { throw CommandFinding(status: .failed) }
    }

    /// Verifies one archive; whether it is intact.
    private func verify(_ path: String) async throws -> Bool {
        let archive = try await Archive.open(path: path)
        let progress = ProgressLine("checking", output)
        defer { progress.clear() }
        let receive = progress.receiver
        let report = try await archive.verify(depth(for: archive)) { checked in
            receive(JobProgress(records: checked.records, recordsExpected: checked.recordsTotal))
        }
        progress.clear()
        try render(report, archive, path, progress.elapsed)
        return report.isSound
    }

    private func depth(for archive: Archive) -> VerificationDepth {
        if quick { return .quick }
        guard let sample else { return .everything }
        var generator = SystemRandomNumberGenerator()
        return .sample(sample.value, of: archive.parts.count, using: &generator)
    }

    private var depthName: String { quick ? "quick" : sample != nil ? "sample" : "everything" }

    private func renderUnreadable(_ path: String, _ error: ArchiveError) throws {
        guard output.json else { return try StandardOutput.line("damaged: \(path): \(error)") }
        try JSONOutput.write(
            VerifyJSON(
                archive: path, depth: depthName, isIntact: false, damage: [error.description], records: 0, parts: 0,
                partsChecked: [], holes: [], contentDigest: "", seconds: 0))
    }

    /// What was looked at, after the word "intact": no less and no more than that.
    private func summary(_ report: VerificationReport, _ archive: Archive, _ path: String) -> String {
        let parts = Amounts.count(archive.parts.count, "part")
        if quick { return " at a quick look: \(path): the small files, and the sizes of \(parts)" }
        let records = Amounts.count(report.recordsRead, "record")
        guard sample != nil else { return ": \(path): \(records) in \(parts)" }
        let numbers = report.partsChecked.map { String($0) }.joined(separator: ", ")
        return " in a sample: \(path): \(records) in \(Amounts.count(report.partsChecked.count)) of \(parts) "
            + "(\(numbers))"
    }

    private func render(
        _ report: VerificationReport, _ archive: Archive, _ path: String, _ elapsed: Duration
    ) throws {
        if output.json {
            return try JSONOutput.write(
                VerifyJSON(
                    archive: path, depth: depthName, isIntact: report.isSound,
                    damage: report.damages.map(\.description), records: report.recordsRead,
                    parts: archive.parts.count, partsChecked: report.partsChecked,
                    holes: archive.manifest.holes.map(HoleJSON.init),
                    contentDigest: archive.manifest.contentDigest, seconds: elapsed.seconds))
        }
        for damage in report.damages { try StandardOutput.line("damaged: \(path): \(damage)") }
        if report.isSound, !output.quiet {
            try StandardOutput.line("intact\(summary(report, archive, path)), checked in \(Amounts.duration(elapsed))")
        }
        if !archive.manifest.holes.isEmpty {
            StandardError.line("the backup could not read \(Amounts.count(archive.manifest.holes.count, "key"))")
        }
    }
}

extension ArchiveError {
    /// Whether an archive that cannot be opened is damaged, rather than not there, not finished, or of a newer version.
    var isDamage: Bool {
        let others: [ArchiveError.Code] = [.notFound, .incomplete, .unsupportedVersion, .unsupportedFeature]
        return !others.contains(code)
    }
}

/// A share of a whole, given as a percentage.
struct Share: ExpressibleByArgument {
    /// Above 0 and up to 1.
    let value: Double

    init?(argument: String) {
        let number = argument.hasSuffix("%") ? String(argument.dropLast()) : argument
        guard let percent = Double(number), percent > 0, percent <= 100 else { return nil }
        value = percent / 100
    }
}

private struct VerifyJSON: Encodable {
    let archive: String
    let depth: String
    let isIntact: Bool
    let damage: [String]
    let records: Int
    let parts: Int
    let partsChecked: [Int]
    let holes: [HoleJSON]
    let contentDigest: String
    let seconds: Double
}
