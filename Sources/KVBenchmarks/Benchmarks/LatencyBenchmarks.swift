import Foundation

/// Servers that are far away, or have a limit.
extension Workshop {
    /// Backup and restore with 80 ms added to every answer, beside the same without.
    func benchmarkLatency(_ results: inout Results) async throws {
        results.section(
            "80 ms added to every answer", "job", "with 80 ms", "without", "times as fast", "lists alone would take",
            "peak memory")
        try await ServerProcess.withServer(kvark, in: "\(folder)/near") { near in
            try await ServerProcess.withServer(kvark, in: "\(folder)/far", options: ["--latency", "80"]) { far in
                try restore(to: "n", near)
                try restore(to: "n", far)
                var worst = JobOutcome()
                let backup = try await Contest(rounds: rounds) {
                    let outcome = try backUp("n", far)
                    worst = worst.worst(outcome)
                    return outcome.seconds
                } theirs: {
                    try backUp("n", near).seconds
                }
                let lists = worst.requests.filter { $0.key.contains("list") }.values.reduce(0, +)
                results.row(
                    "backup", backup, Results.seconds(Double(lists) * 0.08), Results.megabytes(worst.peakBytes))
                worst = JobOutcome()
                let restoring = try await Contest(rounds: rounds) {
                    let outcome = try restore(to: "r", far)
                    try delete("r", far)
                    worst = worst.worst(outcome)
                    return outcome.seconds
                } theirs: {
                    let seconds = try restore(to: "r", near).seconds
                    try delete("r", near)
                    return seconds
                }
                results.row("restore", restoring, "none", Results.megabytes(worst.peakBytes))
            }
        }
    }

    /// How much of a limit of 120 requests in 30 seconds is used.
    func benchmarkLimit(_ results: inout Results) async throws {
        results.section(
            "A limit of 120 requests in 30 seconds", "backup", "requests", "time", "of the limit",
            "of what kvark allows itself")
        let some = with(records: min(records, 30_000))
        try await some.prepare()
        let pace = ["--rate-limit", "120/30"]
        for (name, options, share) in [
            ("as it is: a tenth is left to others", [String](), 0.9),
            ("`--requests-per-5-minutes 1200 --leave-requests 0`", Self.everything, 1.0),
        ] {
            try await ServerProcess.withServer(kvark, in: "\(folder)/server", options: pace) { server in
                let texts = "\(folder)/texts.ndjson"
                try ChildProcess.run(
                    ["sh", "-c", "tail -n +\(some.records / 20 + 1) '\(some.ndjson)' > '\(texts)'"])
                try ChildProcess.run(
                    [kvark, "import", texts, "--to", "n", "--create", "--quiet"], environment: server.environment)
                // The window in which the import was is over then.
                try await Task.sleep(for: .seconds(31))
                let usage = try ChildProcess.run(
                    [kvark, "backup", "n", "--to", "\(folder)/limited-\(share)", "--quiet", "--json"] + options,
                    environment: server.environment, output: "\(folder)/report.json")
                let manifest = try Data(contentsOf: URL(filePath: "\(folder)/report.json"))
                let requests = try JSONDecoder().decode(Report.self, from: manifest).read.requests.values.reduce(0, +)
                try? FileManager.default.removeItem(atPath: "\(folder)/limited-\(share)")
                let used = Double(requests) / usage.seconds / 4
                results.row(
                    name, "\(requests)", Results.seconds(usage.seconds), String(format: "%.2f", used),
                    String(format: "%.2f", used / share))
            }
        }
    }

    private static let everything = ["--requests-per-5-minutes", "1200", "--leave-requests", "0"]
    private struct Report: Decodable {
        struct Read: Decodable { var requests: [String: Int] }
        var read: Read
    }
}
