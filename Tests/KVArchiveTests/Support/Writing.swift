import Foundation
import KVArchive
import KVTestSupport
import Testing

extension ArchiveOptions {
    /// Options under which a few records make several frames and parts, and the same records the same archive.
    static func small(frame: Int = 400, part: Int = 1200) -> ArchiveOptions {
        var options = ArchiveOptions()
        options.frameBytes = frame
        options.partBytes = part
        options.id = "00000000000000000000000000000001"
        options.now = { UnixTime(seconds: 1_795_439_102) }
        return options
    }
}

extension ArchiveProvenance {
    /// A provenance that is always the same.
    static let fixed = ArchiveProvenance(
        tool: Manifest.Tool(name: "kvark", version: "0.0.0"), startedAt: UnixTime(seconds: 1_795_439_101),
        source: ArchiveSource(
            apiBaseURL: "https://api.cloudflare.com/client/v4", accountID: "0123456789abcdef0123456789abcdef",
            namespaceID: "fedcba9876543210fedcba9876543210", namespaceTitle: "Orders"),
        read: ReadStatistics(requests: ["list": 1, "bulkGet": 1], floor: 2, keysListed: 3))
}

/// Writes lines in batches of uneven sizes.
@discardableResult
func write(
    _ lines: [RecordLine], in vault: any Vault, at path: String, options: ArchiveOptions = .small(), batch: Int = 7,
    provenance: ArchiveProvenance = .fixed
) async throws -> Manifest {
    try await withArchiveWriter(in: vault, at: path, options: options) { writer in
        var rest = lines[...]
        while !rest.isEmpty {
            try await writer.append(Array(rest.prefix(batch)))
            rest = rest.dropFirst(batch)
        }
        return provenance
    }
}

extension Archive {
    /// All records, for small archives.
    func allLines(prefix: KVKey? = nil) async throws -> [RecordLine] {
        var lines: [RecordLine] = []
        try await forEachBatch(prefix: prefix) { lines += $0 }
        return lines
    }
}

/// Lines of short text records with the keys given.
func lines(_ keys: String...) -> [RecordLine] {
    keys.map { RecordLine(KVRecord(key: KVKey($0), text: "value of \($0)")) }
}

/// Lends a folder that is removed afterwards.
func withTemporaryFolder<Result>(_ body: (String) async throws -> Result) async throws -> Result {
    let path = NSTemporaryDirectory() + "kvark-test-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: path) }
    return try await body(path)
}

/// What a command printed.
struct CommandResult {
    var status: Int32
    var output: String
}

/// Runs a line of bash in a folder and waits for it; standard error goes to the output too.
func bash(
    _ script: String, in folder: String, environment: [String: String] = [:], input: String = ""
) throws -> CommandResult {
    let process = Process()
    process.executableURL = URL(filePath: "/bin/bash")
    process.arguments = ["-c", "set -euo pipefail; exec 2>&1; " + script]
    process.currentDirectoryURL = URL(filePath: folder)
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    let pipe = Pipe()
    process.standardOutput = pipe
    let text = Pipe()
    process.standardInput = text
    try CommandRunner.start(process)
    // Scripts are far shorter than what a pipe holds.
    try text.fileHandleForWriting.write(contentsOf: Data(input.utf8))
    try text.fileHandleForWriting.close()
    let output = try pipe.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    return CommandResult(status: process.terminationStatus, output: String(decoding: output, as: UTF8.self))
}
