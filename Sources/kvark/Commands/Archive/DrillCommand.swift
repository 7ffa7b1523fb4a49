import CommandArguments
import Foundation
import KVServer
import KVTransfer

struct DrillCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "drill",
        abstract: "Proves that an archive restores: restores it into a server of its own, reads all back and compares.",
        discussion: """
            Needs no account and no network. The archive is verified, replayed into an embedded server with the API's \
            limits of sizes and numbers, read back through the API, and compared byte for byte: values, metadata, \
            expirations. The server and what it stores are gone afterwards; it takes as much space in the folder for \
            temporary files (TMPDIR) as the records have.

            The result is added to drills.ndjson beside the archive. Exit code 4 means that the archive is damaged or \
            that something came back as it was not.

              kvark drill ./vault/sessions/latest
              kvark drill ./vault/sessions/latest --json | jq .passed
            """)

    @Argument(
        help: ArgumentHelp("The archive's folder; VAULT/NAMESPACE/latest is the newest.", valueName: "archive"),
        completion: .folders)
    var archive: String

    @Flag(help: "Do not add the result to drills.ndjson.")
    var noRecord = false

    @OptionGroup var output: OutputOptions

    func run() async throws {
        let startedAt = UnixTime.now()
        var opened: Archive?
        let result: Result<DrillReport, any Error>
        do {
            let archive = try await Archive.open(path: archive)
            opened = archive
            result = .success(try await drill(archive))
        } catch let error as TransferError where error.code == .archiveDamaged {
            result = .failure(error)
        } catch let error as ArchiveError where error.isDamage {
            result = .failure(error)
        }
        let place = opened?.place ?? archive
        let record = DrillRecord(of: opened, at: place, startedAt: startedAt, result)
        try render(record, result, place)
        do {
            if !noRecord { try DrillLog.append(record, forArchiveAt: place, output) }
        } catch let error as VaultError where !record.passed {
            // That the archive is damaged is the graver news.
            CommandRun.report(error)
        }
        if !record.passed { throw CommandFinding(status: .differences) }
    }

    private func drill(_ archive: Archive) async throws -> DrillReport {
        let folder = NSTemporaryDirectory() + "kvark-drill-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        var options = KVServerOptions(storage: .folder(folder))
        options.port = 0
        let writing = ProgressLine("restoring", output)
        let comparing = ProgressLine("comparing", output)
        defer {
            writing.clear()
            comparing.clear()
        }
        return try await withKVServer(options) { server in
            let clientOptions = try KVClientOptions(
                accountID: server.accountID, credentials: .apiToken(server.token), baseURL: server.baseURL)
            return try await withKVClient(clientOptions) { client in
                let namespace = try await client.createNamespace(title: "drill")
                return try await DrillJob(of: archive, in: namespace, client: client)
                    .run(restoring: writing.receiver, comparing: comparing.receiver)
            }
        }
    }

    private func render(
        _ record: DrillRecord, _ result: Result<DrillReport, any Error>, _ place: String
    ) throws {
        if output.json { return try JSONOutput.write(record) }
        switch result {
        case .failure(let error): try StandardOutput.line("failed: \(Hints.describe(error))")
        case .success(let report):
            let comparison = report.comparison
            let expired = comparison.expired > 0 ? ", \(Amounts.count(comparison.expired)) have expired meanwhile" : ""
            let text =
                "\(Amounts.count(comparison.same, "record")) (\(Amounts.bytes(report.replay.writtenBytes)) of values) of "
                + "\(place) came back byte for byte\(expired)"
            guard !record.passed else {
                if !output.quiet { try StandardOutput.line("passed: \(text)") }
                return
            }
            try StandardOutput.line("failed: \(Amounts.count(report.unequal)) did not come back as they were; \(text)")
            for hole in report.replay.holes { StandardError.line("not written: \(hole.key): \(hole.reason)") }
        }
    }
}

/// A drill's result, as it is kept beside the archive; described in `formats/command-output.md`.
struct DrillRecord: Encodable {
    /// How records came back.
    struct Compared: Encodable {
        let same: Int
        let changed: Int
        let missing: Int
        let added: Int
        let unreadable: Int
        let expired: Int
    }

    struct Tool: Encodable {
        let name = ToolVersion.name
        let version = ToolVersion.number
    }

    let archive: String
    let archiveID: String?
    let contentDigest: String?
    let startedAt: String
    let finishedAt: String
    let tool = Tool()
    let passed: Bool
    let problem: String?
    let records: Int?
    let written: Int?
    let writtenBytes: Int?
    let compared: Compared?

    init(of archive: Archive?, at place: String, startedAt: UnixTime, _ result: Result<DrillReport, any Error>) {
        self.archive = (place as NSString).lastPathComponent
        archiveID = archive?.manifest.id
        contentDigest = archive?.manifest.contentDigest
        self.startedAt = UTCTime.text(startedAt)
        finishedAt = UTCTime.text(UnixTime.now())
        records = archive?.manifest.totals.records
        let report = try? result.get()
        passed = report?.hasPassed ?? false
        if case .failure(let error) = result { problem = Hints.describe(error) } else { problem = nil }
        written = report?.replay.written
        writtenBytes = report?.replay.writtenBytes
        compared = report.map {
            Compared(
                same: $0.comparison.same, changed: $0.comparison.changed, missing: $0.comparison.onlyInFirst,
                added: $0.comparison.onlyInSecond, unreadable: $0.comparison.unreadable.count,
                expired: $0.comparison.expired)
        }
    }
}

/// The results of all drills of a namespace's archives: a file of JSON lines beside them.
private enum DrillLog {
    private static let fileName = "drills.ndjson"

    /// Adds a result, for good: it is on disk when this returns.
    static func append(_ record: DrillRecord, forArchiveAt place: String, _ output: OutputOptions) throws {
        guard ArchiveCatalog.isNamedAsArchive(place) else {
            return output.say("the result is not recorded, because \(place) is not the place of an archive in a vault")
        }
        let folder = (place as NSString).deletingLastPathComponent
        let path = (folder as NSString).appendingPathComponent(fileName)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        var line = Array(try encoder.encode(record)) + [0x0A]
        let file = try Descriptor.open(path, O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW, path: path, "written to")
        // A line that was cut by a crash stays a line of its own.
        let size = Int(try file.status(path: path).st_size)
        if size > 0, try file.read(1, at: size - 1, path: path) != [0x0A] { line.insert(0x0A, at: 0) }
        try file.writeAll(line, path: path)
        try file.sync(path: path)
    }
}
