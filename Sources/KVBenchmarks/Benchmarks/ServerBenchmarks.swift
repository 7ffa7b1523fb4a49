import Foundation
import KVArchive
import KVHTTP

/// Jobs against the embedded server in a process of its own.
extension Workshop {
    /// Backup and restore, beside the same requests without any work.
    func benchmarkJobs(_ results: inout Results) async throws {
        results.section(
            "Backup and restore", "job", "kvark", "the same requests in a plain loop", "times as fast", "kvark's speed",
            "kvark's requests", "peak memory")
        try await ServerProcess.withServer(kvark, in: "\(folder)/server") { server in
            try await withHTTPClient(HTTPOptions()) { http in
                try restore(to: "n", server)
                let reading = try await PlainLoop.ofReading(from: server, namespace: "n", over: http)
                try await benchmarkBackup(of: server, beside: reading, &results)
                let data = BenchmarkRecords(count: records)
                let writing = try await PlainLoop.ofWriting(data, to: server, namespace: "loop", over: http)
                try await benchmarkRestore(to: server, beside: writing, &results)
            }
        }
    }

    private func benchmarkBackup(
        of server: ServerProcess, beside loop: PlainLoop, _ results: inout Results
    ) async throws {
        var read = JobOutcome()
        let backup = try await Contest(rounds: rounds) {
            let outcome = try backUp("n", server)
            read = read.worst(outcome)
            return outcome.seconds
        } theirs: {
            try await loop.seconds(concurrency: 12)
        }
        results.row("backup", backup, speed(backup.ours.median), read.requestsText, Results.megabytes(read.peakBytes))
    }

    private func benchmarkRestore(
        to server: ServerProcess, beside loop: PlainLoop, _ results: inout Results
    ) async throws {
        var written = JobOutcome()
        let restoring = try await Contest(rounds: rounds) {
            let outcome = try restore(to: "r", server)
            written = written.worst(outcome)
            try delete("r", server)
            return outcome.seconds
        } theirs: {
            try await loop.seconds(concurrency: 3)
        }
        results.row(
            "restore", restoring, speed(restoring.ours.median), written.requestsText,
            Results.megabytes(written.peakBytes))
    }

    /// Records and bytes of NDJSON in a second.
    func speed(_ seconds: Double) -> String {
        let bytes = Double(Self.bytes(ndjson)) / seconds / 1e6
        return "\(Results.rate(records, seconds)), \(String(format: "%.0f MB/s", bytes))"
    }
}
