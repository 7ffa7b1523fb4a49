import ArgumentParser
import KVTransfer

struct VerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Checks every byte, record and count of archives; needs no network.",
        discussion: """
            Every file is hashed, every frame decompressed, every record checked for form, order and limits, every \
            count compared. Exit code 4 means damage; each is named with part, frame and keys where they are known.

              kvark verify ./vault/sessions/latest
              kvark verify ./vault/*/2026-11-23T* --json
            """)

    @Argument(help: ArgumentHelp("Archives' folders.", valueName: "archive"))
    var archives: [String]

    @OptionGroup var output: OutputOptions

    func run() async throws {
        var isDamaged = false
        var hasFailed = false
        for path in archives {
            do {
                isDamaged = try await !verify(path) || isDamaged
            } catch let error as ArchiveError where Self.isDamage(error) {
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
        let report = try await archive.verify { checked in
            receive(JobProgress(records: checked.records, recordsExpected: checked.recordsTotal))
        }
        progress.clear()
        try render(report, archive, path, progress.elapsed)
        return report.isSound
    }

    /// Whether an archive that cannot be opened is damaged, rather than not there, not finished, or of a newer version.
    private static func isDamage(_ error: ArchiveError) -> Bool {
        let others: [ArchiveError.Code] = [.notFound, .incomplete, .unsupportedVersion, .unsupportedFeature]
        return !others.contains(error.code)
    }

    private func renderUnreadable(_ path: String, _ error: ArchiveError) throws {
        guard output.json else { return try StandardOutput.line("damaged: \(path): \(error)") }
        try JSONOutput.write(
            VerifyJSON(
                archive: path, isIntact: false, damage: [error.description], records: 0, parts: 0, holes: [],
                contentDigest: "", seconds: 0))
    }

    private func render(
        _ report: VerificationReport, _ archive: Archive, _ path: String, _ elapsed: Duration
    ) throws {
        if output.json {
            return try JSONOutput.write(
                VerifyJSON(
                    archive: path, isIntact: report.isSound, damage: report.damages.map(\.description),
                    records: report.recordsRead, parts: archive.parts.count,
                    holes: archive.manifest.holes.map(HoleJSON.init),
                    contentDigest: archive.manifest.contentDigest, seconds: elapsed.seconds))
        }
        for damage in report.damages { try StandardOutput.line("damaged: \(path): \(damage)") }
        if report.isSound {
            try StandardOutput.line(
                "intact: \(path): \(Amounts.count(report.recordsRead, "record")) in "
                    + "\(Amounts.count(archive.parts.count, "part")), checked in \(Amounts.duration(elapsed))")
        }
        if !archive.manifest.holes.isEmpty {
            output.say("the backup could not read \(Amounts.count(archive.manifest.holes.count, "key"))")
        }
    }
}

private struct VerifyJSON: Encodable {
    let archive: String
    let isIntact: Bool
    let damage: [String]
    let records: Int
    let parts: Int
    let holes: [HoleJSON]
    let contentDigest: String
    let seconds: Double
}
