import KVTestSupport
import KVTransfer
import KVVault
import Testing

/// Backups on a machine whose clock is not to be trusted.
@Suite struct ClockTests {
    private static func backUp(
        _ test: TestServer, to vault: any Vault, at seconds: Int64
    ) async throws -> BackupReport {
        var options = BackupJob.Options(tool: someTool)
        options.archive.now = { UnixTime(seconds: seconds) }
        return try await BackupJob(of: test.namespace, client: test.client, to: vault, options: options).run()
    }

    @Test func `after the clock was set back an hour, the newest archive is still the latest`() async throws {
        try await TestServer.withServer { test in
            let vault = MemoryVault()
            try await test.load(MixedRecords.records(count: 50, seed: 1))
            let first = try await Self.backUp(test, to: vault, at: 1_800_000_000)
            try await test.load(MixedRecords.records(count: 80, seed: 2))
            let second = try await Self.backUp(test, to: vault, at: 1_800_000_000 - 3_600)
            let archives = try await ArchiveCatalog.archives(in: vault, of: "test")
            #expect(archives.map(\.path) == [first.path, second.path])
            let areComplete = archives.allSatisfy { $0.isComplete }
            #expect(areComplete)
            let latest = try await Archive.open(in: vault, at: try #require(archives.last?.path))
            #expect(try await latest.allRecords().count == 80)
            #expect(try await latest.verify().isSound)
        }
    }

    @Test func `a backup that was interrupted an hour ahead of now is gone on with`() async throws {
        try await TestServer.withServer { test in
            let vault = MemoryVault()
            let records = MixedRecords.records(count: 3_000, seed: 1)
            try await test.load(records)
            var options = BackupJob.Options(tool: someTool)
            options.setCheckpointInterval(requests: 5)
            options.archive.now = { UnixTime(seconds: 1_800_000_000) }
            let stop = StopRequest()
            options.stop = stop
            let interrupted = BackupJob(of: test.namespace, client: test.client, to: vault, options: options)
            let error = await failure {
                _ = try await interrupted.run { if $0.records > 500 { stop.request() } }
            }
            #expect((error as? TransferError)?.code == .interrupted)
            let report = try await Self.backUp(test, to: vault, at: 1_800_000_000 - 3_600)
            #expect(report.manifest.read?.runs == 2)
            let archive = try await Archive.open(in: vault, at: report.path)
            #expect(try await archive.allRecords() == records)
        }
    }
}
