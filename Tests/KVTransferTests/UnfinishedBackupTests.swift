import KVTestSupport
import KVTransfer
import KVVault
import Testing

/// What a backup makes of what earlier ones have left in its folder.
@Suite struct UnfinishedBackupTests {
    private static let records = MixedRecords.records(count: 300, seed: 3)

    /// Lends a vault with an archive, and a copy of what its backup kept beside it before it was finished.
    private static func withLeftovers(
        _ body: (TestServer, MemoryVault, _ archive: String) async throws -> Void
    ) async throws {
        try await TestServer.withServer { test in
            try await test.load(records)
            let vault = MemoryVault()
            let whole = try await test.backUp(to: vault).report.path
            let error = await failure { _ = try await backUp(test, to: KeepingVault(vault)) }
            try #require(error != nil)
            let unfinished = try await vault.contents(of: "test").folders.filter { $0.hasSuffix(".unfinished") }
            try #require(unfinished.count == 1)
            let archive = String(unfinished[0].dropLast(".unfinished".count))
            try #require(archive != whole)
            try await body(test, vault, archive)
        }
    }

    private static func backUp(_ test: TestServer, to vault: any Vault) async throws -> BackupReport {
        var options = BackupJob.Options(tool: someTool)
        options.setCheckpointInterval(requests: 1)
        return try await BackupJob(of: test.namespace, client: test.client, to: vault, options: options).run()
    }

    @Test func `an archive that is there keeps its files, also when its manifest cannot be read`() async throws {
        try await Self.withLeftovers { test, vault, archive in
            let manifest = "\(archive)/manifest.json"
            try await vault.write(Array("damaged".utf8), to: manifest, onExisting: .replace)
            let before = vault.files.filter { $0.key.hasPrefix("\(archive)/") }
            try #require(before.count > 3)
            _ = try await Self.backUp(test, to: vault)
            #expect(vault.files.filter { $0.key.hasPrefix("\(archive)/") } == before)
            #expect(!vault.files.keys.contains { $0.contains("unfinished") })
        }
    }

    @Test func `leftovers without a checkpoint that can be believed are removed, other folders stay`() async throws {
        try await Self.withLeftovers { test, vault, archive in
            try await vault.remove("\(archive)/manifest.json")
            try await vault.write([0x7B], to: "\(archive).unfinished/checkpoint.json", onExisting: .replace)
            try await vault.write([0x31], to: "test/mine.unfinished/note")
            let report = try await Self.backUp(test, to: vault)
            let folders = try await vault.contents(of: "test").folders
            #expect(folders.count == 3 && folders.contains("test/mine.unfinished"), "\(folders)")
            #expect(folders.contains(report.path))
            #expect(try await Archive.open(in: vault, at: report.path).allRecords() == Self.records)
        }
    }
}

/// A vault in which a backup cannot remove what it has kept, the last thing it does.
private struct KeepingVault: Vault {
    private let inner: MemoryVault

    init(_ inner: MemoryVault) { self.inner = inner }

    var location: String { inner.location }
    func contents(of folder: String) async throws -> VaultContents { try await inner.contents(of: folder) }
    func open(_ name: String, from offset: Int) async throws -> any VaultReader {
        try await inner.open(name, from: offset)
    }
    func create(_ name: String, onExisting: ExistingFile) async throws -> any VaultWriter {
        try await inner.create(name, onExisting: onExisting)
    }
    func remove(_ name: String) async throws { try await inner.remove(name) }
    func removeLeftovers(in folder: String) async throws { try await inner.removeLeftovers(in: folder) }
    func lock(_ folder: String) async throws -> any VaultLock { try await inner.lock(folder) }

    func removeFolder(_ folder: String) async throws {
        guard !folder.hasSuffix(".unfinished") else { throw VaultError(.io, path: folder, "could not be removed") }
        try await inner.removeFolder(folder)
    }
}
