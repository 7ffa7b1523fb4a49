import Foundation
import KVServer
import KVTestSupport
import KVTransfer
import Testing

/// Backup and restore through a proxy that injects faults.
///
/// `KVARK_CHAOS_SEEDS=50` in the environment runs as many seeds of each fault instead of a few.
@Suite(.serialized) struct ChaosTests {
    private static let seedCount = ProcessInfo.processInfo.environment["KVARK_CHAOS_SEEDS"].flatMap { Int($0) }
    private static let chance = 0.05
    /// So many runs of one job must be enough, however unlucky they are.
    private static let runsMaximum = 20

    @Test(.timeLimit(.minutes(60)), arguments: Fault.allCases)
    func `backup and restore end identical under a fault`(fault: Fault) async throws {
        try await Self.check([fault], Seed.several(Self.seedCount ?? 1))
    }

    @Test(.timeLimit(.minutes(60)))
    func `backup and restore end identical under all faults together`() async throws {
        try await Self.check(Fault.allCases, Seed.several(Self.seedCount ?? 1))
    }

    private static func check(_ faults: [Fault], _ seeds: [Seed]) async throws {
        let records = MixedRecords.records(count: 20_000, seed: 77, large: 6)
        try await TestServer.withServer { test in
            try await test.load(records)
            let expected = try await test.backUp().archive
            try #require(try await Self.isIdentical(expected, test.namespace, test))
            try #require(expected.manifest.totals.records == records.count)
            for seed in seeds {
                let target = try await test.client.createNamespace(title: "target \(seed.value)")
                let plan = FaultPlan.random(faults, chance: chance, seed: seed.value)
                let outcome = try await FaultProxy.withProxy(to: test.server.port, plan: plan) { proxy in
                    try await transfer(test, through: proxy, to: target, seed)
                }
                #expect(outcome.digest == expected.manifest.contentDigest, "\(seed)")
                #expect(try await isIdentical(expected, target, test), "\(seed)")
                print("chaos: \(faults.count == 1 ? faults[0].rawValue : "all") seed \(seed.value): \(outcome)")
                try await test.client.deleteNamespace(target.id)
            }
        }
    }
}

extension ChaosTests {
    /// Whether a namespace holds what an archive holds, read without a proxy.
    private static func isIdentical(
        _ archive: Archive, _ namespace: Namespace, _ test: TestServer
    ) async throws -> Bool {
        var options = NamespaceSource.Options()
        options.previous = archive
        let source = NamespaceSource(namespace, client: test.client, options: options)
        let report = try await DiffJob(ArchiveRecordSource(archive), source).run()
        return report.isIdentical && report.same == archive.manifest.totals.records
    }

    /// What a backup and a restore through a proxy came to.
    struct Outcome: CustomStringConvertible {
        var digest: String
        var backupRuns: Int
        var restoreRuns: Int
        var backupRetries: [String: Int]
        var restoreRetries: [String: Int]
        var injected = 0

        var description: String {
            "\(injected) faults; backup in \(backupRuns) runs, \(backupRetries); "
                + "restore in \(restoreRuns) runs, \(restoreRetries)"
        }
    }

    /// Backs the test's namespace up and restores it, run after run until each is done.
    private static func transfer(
        _ test: TestServer, through proxy: FaultProxy, to target: Namespace, _ seed: Seed
    ) async throws -> Outcome {
        let vault = MemoryVault()
        let backup = try await repeated("backup, \(seed)") {
            try await withClient(test, proxy) { client in
                var options = BackupJob.Options(tool: someTool)
                options.setCheckpointInterval(requests: 20)
                return try await BackupJob(of: test.namespace, client: client, to: vault, options: options).run()
            }
        }
        #expect(backup.result.isWhole, "\(seed): \(backup.result.manifest.holes)")
        let archive = try await Archive.open(in: vault, at: backup.result.path)
        let checkpoints = MemoryVault()
        let restore = try await repeated("restore, \(seed)") {
            try await withClient(test, proxy) { client in
                var options = ReplayJob.Options()
                options.checkpoints = checkpoints
                options.chunkPairs = 500
                return try await ReplayJob(
                    of: ArchiveRecordSource(archive), to: target, client: client, options: options
                ).run()
            }
        }
        #expect(restore.result.isWhole, "\(seed): \(restore.result.holes)")
        #expect(checkpoints.files.isEmpty && !vault.files.keys.contains { $0.contains("unfinished") })
        return Outcome(
            digest: archive.manifest.contentDigest, backupRuns: backup.runs, restoreRuns: restore.runs,
            backupRetries: backup.result.manifest.read?.retriesByCause ?? [:],
            restoreRetries: restore.result.retriesByCause, injected: proxy.injected.values.reduce(0, +))
    }

    private static func withClient<Result>(
        _ test: TestServer, _ proxy: FaultProxy, _ body: (KVClient) async throws -> Result
    ) async throws -> Result {
        var options = test.client.options
        options.baseURL = "http://127.0.0.1:\(proxy.port)/client/v4"
        options.retryPolicy.firstPause = .milliseconds(1)
        options.stallTimeout = .milliseconds(150)
        options.bulkStallTimeout = .milliseconds(150)
        return try await withKVClient(options, body)
    }

    /// Runs a job until it ends well; what it may fail with is what leaves something to go on from.
    private static func repeated<Result>(
        _ what: String, _ job: () async throws -> Result
    ) async throws -> (result: Result, runs: Int) {
        for run in 1...runsMaximum {
            do {
                return (try await job(), run)
            } catch let error as KVError {
                let passing: [KVError.Code] = [
                    .serverFailed, .malformedAnswer, .timedOut, .connectionFailed, .rateLimited, .invalidCursor,
                ]
                #expect(passing.contains(error.code), "\(what), run \(run): \(error)")
            }
        }
        Issue.record("\(what) did not end in \(runsMaximum) runs")
        throw CancellationError()
    }
}
