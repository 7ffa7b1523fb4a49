import Foundation
import KVArchive

/// What grows with the number of records, and what does not.
extension Workshop {
    /// Time per record and memory of the main jobs, from ten thousand records on.
    func benchmarkScale(_ results: inout Results, largest: Int) async throws {
        results.section(
            "Size: microseconds per record and peak memory", "records", "restore", "backup", "verify", "diff",
            "`get`, warm")
        var count = 10_000
        while count <= largest {
            let some = with(records: count, rounds: 1)
            try await some.prepare(withNDJSON: false)
            try await ServerProcess.withServer(kvark, in: "\(folder)/server") { server in
                let restored = try some.restore(to: "n", server)
                let backup = try some.backUp("n", server)
                let made = try some.madeBackup
                let verified = try ChildProcess.run([kvark, "verify", made])
                // Equal but for the time at which they were made.
                let compared = try ChildProcess.run([kvark, "diff", some.archive, made])
                let key = "session:" + String(repeating: "0", count: 10 - String(count - 1).count) + String(count - 1)
                _ = try ChildProcess.run([kvark, "get", made, key])
                let got = try ChildProcess.run([kvark, "get", made, key])
                results.row(
                    "\(count)", Self.cell(restored.seconds, restored.peakBytes, count),
                    Self.cell(backup.seconds, backup.peakBytes, count),
                    Self.cell(verified.seconds, verified.peakBytes, count),
                    Self.cell(compared.seconds, compared.peakBytes, count),
                    "\(Results.seconds(got.seconds)), \(Results.megabytes(got.peakBytes))")
            }
            try? FileManager.default.removeItem(atPath: backups)
            try? FileManager.default.removeItem(atPath: "\(folder)/server")
            count *= 10
        }
    }

    /// The archive that the last backup has made.
    private var madeBackup: String {
        get throws {
            let names = try FileManager.default.contentsOfDirectory(atPath: "\(backups)/n").filter { $0.hasSuffix("Z") }
            guard let name = names.max() else { throw BenchmarkFailure(description: "no archive in \(backups)") }
            return "\(backups)/n/\(name)"
        }
    }

    private static func cell(_ seconds: Double, _ peakBytes: Int, _ records: Int) -> String {
        "\(String(format: "%.1f µs", seconds / Double(records) * 1e6)), \(Results.megabytes(peakBytes))"
    }
}
