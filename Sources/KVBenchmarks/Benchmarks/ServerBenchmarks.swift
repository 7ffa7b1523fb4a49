import Foundation
import KVArchive

/// Jobs against the embedded server in a process of its own.
extension Workshop {
    private struct Read: Decodable { var requests: [String: Int] }
    private struct Report: Decodable { var requests: [String: Int] }
    private struct BackupReport: Decodable { var read: Read }

    /// Requests by kind, as a command's JSON says.
    private static func requests<Output: Decodable>(_ path: String, _: Output.Type) throws -> Output {
        try JSONDecoder().decode(Output.self, from: Data(contentsOf: URL(filePath: path)))
    }

    private static func text(_ requests: [String: Int]) -> String {
        requests.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
    }

    /// Backup and restore, beside the same requests without any work.
    func benchmarkJobs(_ results: inout Results) async throws {
        results.section(
            "Backup and restore", "job", "kvark", "the same requests in a plain loop", "times as fast",
            "kvark's requests",
            "peak memory")
        try await ServerProcess.withServer(kvark, in: "\(folder)/server") { server in
            let output = "\(folder)/report.json"
            var (peakBackup, peakRestore) = (0, 0)
            try ChildProcess.run(
                [kvark, "restore", archive, "--to", "n", "--create", "--quiet"], environment: server.environment)
            let loop = try await PlainLoop.ofReading(from: server, namespace: "n")
            let backup = try await Contest(rounds: rounds) {
                try? FileManager.default.removeItem(atPath: "\(folder)/backups")
                let usage = try ChildProcess.run(
                    [kvark, "backup", "n", "--to", "\(folder)/backups", "--quiet", "--json"],
                    environment: server.environment, output: output)
                peakBackup = max(peakBackup, usage.peakBytes)
                return usage.seconds
            } theirs: {
                try await loop.seconds(concurrency: 6)
            }
            let read = try Self.requests(output, BackupReport.self).read.requests
            results.row("backup of \(records) records", backup, Self.text(read), Results.megabytes(peakBackup))

            let writing = try await PlainLoop.ofWriting(BenchmarkRecords(count: records), to: server, namespace: "loop")
            var number = 0
            let restore = try await Contest(rounds: rounds) {
                number += 1
                let usage = try ChildProcess.run(
                    [kvark, "restore", archive, "--to", "r\(number)", "--create", "--quiet", "--json"],
                    environment: server.environment, output: output)
                peakRestore = max(peakRestore, usage.peakBytes)
                try ChildProcess.run(
                    [kvark, "namespace", "delete", "r\(number)", "--yes", "--quiet"], environment: server.environment)
                return usage.seconds
            } theirs: {
                try await writing.seconds(concurrency: 2)
            }
            let written = try Self.requests(output, Report.self).requests
            results.row("restore of \(records) records", restore, Self.text(written), Results.megabytes(peakRestore))
        }
    }
}
