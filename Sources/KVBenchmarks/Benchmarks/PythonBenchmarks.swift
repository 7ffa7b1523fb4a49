import Foundation
import KVModel

/// The same jobs with the official Python SDK.
extension Workshop {
    private struct Outcome: Decodable { var records: Int; var seconds: Double }

    /// How many records are read or written with a call for each, which takes long.
    private static let recordsOneByOne = 10_000
    /// How many records are read or written in bulk.
    private static let recordsInBulk = 100_000

    /// Backup and restore beside `cloudflare` of PyPI, one call per key and in bulk.
    func benchmarkPython(_ results: inout Results, python: String) async throws {
        results.section("Beside the official Python SDK", "job", "kvark", "the SDK", "times as fast")
        for (count, how) in [(Self.recordsOneByOne, "each"), (Self.recordsInBulk, "bulk")] {
            let some = with(records: min(records, count))
            try await some.prepare()
            try await some.benchmark(python, how, &results)
        }
    }

    private func benchmark(_ python: String, _ how: String, _ results: inout Results) async throws {
        let name = how == "each" ? "one call per key" : "in bulk"
        try await ServerProcess.withServer(kvark, in: "\(folder)/server") { server in
            try restore(to: "n", server)
            let source = try await server.namespaceID("n")
            let reading = try await Contest(rounds: rounds) {
                try backUp("n", server).seconds
            } theirs: {
                try run(python, "read-\(how)", source, "\(folder)/python.ndjson", server)
            }
            results.row("backup of \(records) records, SDK \(name)", reading)

            let writing = try await Contest(rounds: rounds) {
                let seconds = try restore(to: "r", server).seconds
                try delete("r", server)
                return seconds
            } theirs: {
                try ChildProcess.run([kvark, "namespace", "create", "p"], environment: server.environment)
                let target = try await server.namespaceID("p")
                let seconds = try run(python, "write-\(how)", target, ndjson, server)
                try delete("p", server)
                return seconds
            }
            results.row("restore of \(records) records, SDK \(name)", writing)
        }
    }

    private func run(
        _ python: String, _ how: String, _ namespace: String, _ file: String, _ server: ServerProcess
    ) throws -> Double {
        let output = "\(folder)/python.json"
        let script = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().appending(path: "scripts/bench-python.py").path
        try ChildProcess.run(
            [python, script, how, namespace, file], environment: server.environment, output: output)
        let outcome = try JSONDecoder().decode(Outcome.self, from: Data(contentsOf: URL(filePath: output)))
        guard outcome.records == records else {
            throw BenchmarkFailure(description: "the SDK has dealt with \(outcome.records) of \(records) records")
        }
        return outcome.seconds
    }
}
