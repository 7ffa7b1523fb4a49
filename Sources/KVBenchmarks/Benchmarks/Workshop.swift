import Foundation
import KVArchive
import KVVault

/// What all benchmarks share: the data, the command, a folder to work in.
struct Workshop {
    /// The built command.
    let kvark: String
    /// A folder of its own, on the disk that is measured.
    let folder: String
    /// How many records the data has.
    let records: Int
    /// How often a thing is measured.
    let rounds: Int

    /// The records as NDJSON.
    var ndjson: String { "\(folder)/records-\(records).ndjson" }
    /// The vault with the records' archive.
    var vault: String { "\(folder)/vault-\(records)" }
    /// The records' archive.
    var archive: String { "\(vault)/n/2026-01-01T000000Z" }
    /// The archive's parts.
    var parts: [String] {
        get throws {
            try FileManager.default.contentsOfDirectory(atPath: archive).filter { $0.hasSuffix(".zst") }.sorted()
                .map { "\(archive)/\($0)" }
        }
    }

    /// Makes the NDJSON, if it is wanted, and the archive, unless they are there.
    func prepare(withNDJSON: Bool = true) async throws {
        let manager = FileManager.default
        try manager.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let isThere = manager.fileExists(atPath: "\(archive)/manifest.json")
        if isThere, !withNDJSON || manager.fileExists(atPath: ndjson) { return }
        try? manager.removeItem(atPath: vault)
        guard let file = fopen(withNDJSON ? ndjson : "/dev/null", "w") else {
            throw BenchmarkFailure(description: "cannot write \(ndjson)")
        }
        defer { fclose(file) }
        let count = records
        try await Self.write(to: vault) { writer in
            var batch: [RecordLine] = []
            for line in BenchmarkRecords(count: count) {
                batch.append(line)
                guard batch.count == 1_000 else { continue }
                try await Self.append(batch, writer, file)
                batch = []
            }
            try await Self.append(batch, writer, file)
        }
    }

    private static func append(
        _ batch: [RecordLine], _ writer: ArchiveWriter, _ file: UnsafeMutablePointer<FILE>
    ) async throws {
        for line in batch {
            let text = line.text + [0x0A]
            guard fwrite(text, 1, text.count, file) == text.count else {
                throw BenchmarkFailure(description: "the disk is full")
            }
        }
        try await writer.append(batch)
    }

    /// Writes an archive into a vault that holds none.
    static func write(to vault: String, _ body: (ArchiveWriter) async throws -> Void) async throws {
        _ = try await withArchiveWriter(in: FolderVault(path: vault), at: "n/2026-01-01T000000Z") { writer in
            try await body(writer)
            return ArchiveProvenance(
                tool: Manifest.Tool(name: "kvark-benchmarks", version: "0"), startedAt: UnixTime(seconds: 1_767_225_600)
            )
        }
    }

    /// How long a program takes, in seconds.
    func seconds(_ arguments: String..., environment: [String: String] = [:], statuses: Set<Int32> = [0]) throws
        -> Double
    {
        try ChildProcess.run(arguments, environment: environment, statuses: statuses).seconds
    }

    /// Bytes of a file.
    static func bytes(_ path: String) -> Int {
        (try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int) ?? 0
    }
}
