import Foundation

/// What a job of kvark took.
struct JobOutcome {
    var seconds = 0.0
    var peakBytes = 0
    /// Requests by kind.
    var requests: [String: Int] = [:]

    /// The requests in words.
    var requestsText: String {
        requests.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
    }

    /// The more memory of two runs, and the later requests.
    func worst(_ later: JobOutcome) -> JobOutcome {
        var worst = later
        worst.peakBytes = max(peakBytes, later.peakBytes)
        return worst
    }
}

/// Jobs against a server.
extension Workshop {
    private struct RestoreReport: Decodable { var requests: [String: Int] }
    private struct BackupReport: Decodable { var read: RestoreReport }

    private var report: String { "\(folder)/report.json" }

    private func decoded<Output: Decodable>(_: Output.Type) throws -> Output {
        try JSONDecoder().decode(Output.self, from: Data(contentsOf: URL(filePath: report)))
    }

    /// Where ``backUp(_:_:_:)`` leaves its archive.
    var backups: String { "\(folder)/backups" }

    /// Backs a namespace up.
    func backUp(_ namespace: String, _ server: ServerProcess, _ options: [String] = []) throws -> JobOutcome {
        try? FileManager.default.removeItem(atPath: backups)
        let usage = try ChildProcess.run(
            [kvark, "backup", namespace, "--to", backups, "--quiet", "--json"] + options,
            environment: server.environment, output: report)
        let requests = try decoded(BackupReport.self).read.requests
        return JobOutcome(seconds: usage.seconds, peakBytes: usage.peakBytes, requests: requests)
    }

    /// Restores the data into a new namespace.
    @discardableResult
    func restore(to namespace: String, _ server: ServerProcess) throws -> JobOutcome {
        let usage = try ChildProcess.run(
            [kvark, "restore", archive, "--to", namespace, "--create", "--quiet", "--json"],
            environment: server.environment, output: report)
        let requests = try decoded(RestoreReport.self).requests
        return JobOutcome(seconds: usage.seconds, peakBytes: usage.peakBytes, requests: requests)
    }

    /// Deletes a namespace.
    func delete(_ namespace: String, _ server: ServerProcess) throws {
        try ChildProcess.run(
            [kvark, "namespace", "delete", namespace, "--yes", "--quiet"], environment: server.environment)
    }

    /// The same work with other data.
    func with(records: Int, rounds: Int? = nil) -> Workshop {
        Workshop(kvark: kvark, folder: folder, records: records, rounds: rounds ?? self.rounds)
    }
}
