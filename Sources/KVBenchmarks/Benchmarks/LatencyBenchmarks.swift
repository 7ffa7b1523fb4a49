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
            "A limit of 120 requests in 30 seconds", "backup", "requests", "time", "requests per second of 4",
            "least time that the limit allows")
        let some = with(records: min(records, 30_000))
        try await some.prepare()
        let ways = [
            ("as it is: a tenth is left to others", []),
            ("`--requests-per-5-minutes 1200 --leave-requests 0`", Self.everything),
        ]
        for (name, options) in ways {
            let limit = ["--rate-limit", "120/30"]
            try await ServerProcess.withServer(kvark, in: "\(folder)/server", options: limit) { server in
                try some.importTexts(to: "n", server)
                // The window in which the import was is over then.
                try await Task.sleep(for: .seconds(31))
                let outcome = try some.backUp("n", server, options)
                let requests = outcome.requests.values.reduce(0, +)
                results.row(
                    name, "\(requests)", Results.seconds(outcome.seconds),
                    String(format: "%.2f", Double(requests) / outcome.seconds),
                    Results.seconds(Double((requests - 1) / 120 * 30)))
            }
        }
    }

    private static let everything = ["--requests-per-5-minutes", "1200", "--leave-requests", "0"]

    /// Writes the data into a new namespace, without the images that come first in it.
    private func importTexts(to namespace: String, _ server: ServerProcess) throws {
        let texts = "\(folder)/texts.ndjson"
        try ChildProcess.run(["tail", "-n", "+\(records / 20 + 1)", ndjson], output: texts)
        try ChildProcess.run(
            [kvark, "import", texts, "--to", namespace, "--create", "--quiet"], environment: server.environment)
    }
}
