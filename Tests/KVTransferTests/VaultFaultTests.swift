import KVTestSupport
import KVTransfer
import KVVault
import Testing

/// Backups and restores whose vault fails at each of its operations, one after the other.
@Suite struct VaultFaultTests {
    private static let records = MixedRecords.records(count: 600, seed: 5, nonTextShare: 0.02)

    @Test(arguments: FaultyVault.Lasting.allCases, [false, true])
    func `a backup whose vault fails at any operation is no archive, or a whole one, and the next run ends identical`(
        lasting: FaultyVault.Lasting, settles: Bool
    ) async throws {
        try await TestServer.withServer { test in
            try await test.load(Self.records)
            let counting = FaultyVault(MemoryVault())
            _ = try await Self.backUp(test, to: counting, settles: settles)
            try #require(counting.operations > 50)
            for operation in 0..<counting.operations {
                let place = "operation \(operation) of \(counting.operations)"
                let vault = MemoryVault()
                let faulty = FaultyVault(vault, failingAt: operation, lasting)
                let error = await failure { _ = try await Self.backUp(test, to: faulty, settles: settles) }
                if let error { #expect((error as? VaultError)?.code == .noSpace, "\(place): \(error)") }
                try await Self.checkNothingBroken(in: vault, place)

                let report = try await Self.backUp(test, to: vault, settles: settles)
                let archive = try await Archive.open(in: vault, at: report.path)
                #expect(try await archive.verify().isSound, "\(place)")
                #expect(try await archive.allRecords() == Self.records, "\(place)")
                let folders = try await vault.contents(of: "test").folders
                #expect(!folders.contains { $0.contains("unfinished") }, "\(place): \(folders)")
                // A run that failed when its archive was whole already leaves that one too.
                #expect((1...2).contains(folders.count), "\(place): \(folders)")
            }
        }
    }

    @Test(arguments: FaultyVault.Lasting.allCases)
    func `a restore whose checkpoints fail at any operation ends identical in the next run`(
        lasting: FaultyVault.Lasting
    ) async throws {
        try await TestServer.withServer { test in
            try await test.load(Self.records)
            let archive = try await test.backUp().archive
            let counting = FaultyVault(MemoryVault())
            let first = try await test.client.createNamespace(title: "counted")
            _ = try await Self.restore(archive, to: first, test, counting)
            try #require(counting.operations > 10)
            for operation in 0..<counting.operations {
                let target = try await test.client.createNamespace(title: "target \(operation)")
                let checkpoints = MemoryVault()
                let faulty = FaultyVault(checkpoints, failingAt: operation, lasting)
                let error = await failure { _ = try await Self.restore(archive, to: target, test, faulty) }
                if let error { #expect((error as? VaultError)?.code == .noSpace, "\(operation): \(error)") }
                let again = await failure { _ = try await Self.restore(archive, to: target, test, checkpoints) }
                // A restore that had come to its end has left no checkpoint, and must not write again.
                let isRefused = (again as? TransferError)?.code == .targetNotEmpty
                #expect(again == nil || (isRefused && checkpoints.files.isEmpty), "\(operation): \(again as Any)")
                #expect(try await test.recordsReadOneByOne(in: target) == Self.records, "\(operation)")
                try await test.client.deleteNamespace(target.id)
            }
        }
    }

    private static func backUp(_ test: TestServer, to vault: any Vault, settles: Bool) async throws -> BackupReport {
        var options = BackupJob.Options(tool: someTool)
        options.settles = settles
        options.concurrency = 2...2
        options.archive.frameBytes = 4_096
        options.archive.partBytes = 16_384
        options.setCheckpointInterval(requests: 5)
        return try await BackupJob(of: test.namespace, client: test.client, to: vault, options: options).run()
    }

    private static func restore(
        _ archive: Archive, to target: Namespace, _ test: TestServer, _ checkpoints: any Vault
    ) async throws -> ReplayReport {
        var options = ReplayJob.Options()
        options.checkpoints = checkpoints
        options.chunkPairs = 100
        return try await ReplayJob(of: ArchiveRecordSource(archive), to: target, client: test.client, options: options)
            .run()
    }

    /// Makes sure that whatever has a manifest is whole.
    private static func checkNothingBroken(in vault: MemoryVault, _ place: String) async throws {
        for name in vault.files.keys where name.hasSuffix("/manifest.json") && !name.contains("unfinished") {
            let archive = try await Archive.open(in: vault, at: String(name.dropLast("/manifest.json".count)))
            #expect(try await archive.verify().isSound, "\(place)")
            #expect(try await archive.allRecords() == records, "\(place)")
        }
    }
}
