import KVServer
import KVTestSupport
import KVTransfer
import KVVault
import Testing

/// Backups that look at the list a second time.
@Suite struct SettleTests {
    private static let records = MixedRecords.records(count: 2_000, seed: 9, nonTextShare: 0)

    /// Backs up with a second look, and changes the namespace once when the first look is almost done.
    private static func backUp(
        _ test: TestServer, to vault: MemoryVault, change: @escaping @Sendable (KVClient) async throws -> Void
    ) async throws -> BackupReport {
        var options = BackupJob.Options(tool: someTool)
        options.settles = true
        // The manifest of the first look is the moment between the two.
        let between = VaultBetween(vault) { try await change(test.client) }
        return try await BackupJob(of: test.namespace, client: test.client, to: between, options: options).run()
    }

    @Test func `a second look reads what has changed or appeared, and drops what has gone`() async throws {
        try await TestServer.withServer { test in
            try await test.load(Self.records)
            let vault = MemoryVault()
            let namespace = test.namespace.id
            var expected = Self.records
            expected[10].metadata = try KVMetadata(json: "{\"new\":1.0}")
            expected[10].value = Array("changed".utf8)
            expected[1_500].expiration = UnixTime(seconds: 4_000_000_000)
            let changed = [expected[10], expected[1_500]]
            let gone = expected.remove(at: 700).key
            let appeared = KVRecord(key: "key:00000900a", value: Array("appeared".utf8))
            expected.append(appeared)
            expected.sort { $0.key < $1.key }
            let report = try await Self.backUp(test, to: vault) { client in
                for record in changed + [appeared] { try await client.write(record, in: namespace) }
                try await client.delete(gone, in: namespace)
            }
            let archive = try await Archive.open(in: vault, at: report.path)
            #expect(try await archive.allRecords() == expected)
            let settled = try #require(report.manifest.read?.settled)
            #expect(settled.changed == 2 && settled.appeared == 1 && settled.gone == 1)
            #expect(settled.startedAt <= settled.finishedAt)
            #expect(try await vault.contents(of: "test").folders == [report.path])
        }
    }

    @Test func `a second look at what has not changed costs the lists alone`() async throws {
        try await TestServer.withServer { test in
            try await test.load(Self.records)
            let report = try await Self.backUp(test, to: MemoryVault()) { _ in }
            #expect(test.requests(.keysList) == 4 && test.requests(.bulkGet) == 20)
            #expect(report.manifest.read?.settled?.changed == 0)
        }
    }
}

/// A vault that runs something between the two looks, which may be more than once.
private struct VaultBetween: Vault {
    private let inner: MemoryVault
    private let action: @Sendable () async throws -> Void

    init(_ inner: MemoryVault, _ action: @escaping @Sendable () async throws -> Void) {
        self.inner = inner
        self.action = action
    }

    var location: String { inner.location }
    func contents(of folder: String) async throws -> VaultContents { try await inner.contents(of: folder) }
    func remove(_ name: String) async throws { try await inner.remove(name) }
    func removeFolder(_ folder: String) async throws { try await inner.removeFolder(folder) }
    func removeLeftovers(in folder: String) async throws { try await inner.removeLeftovers(in: folder) }
    func lock(_ folder: String) async throws -> any VaultLock { try await inner.lock(folder) }

    func open(_ name: String, from offset: Int) async throws -> any VaultReader {
        // The second look begins with reading what the first one has written.
        if name.hasSuffix("read/manifest.json"), inner.files[name] != nil { try await action() }
        return try await inner.open(name, from: offset)
    }

    func create(_ name: String, onExisting: ExistingFile) async throws -> any VaultWriter {
        try await inner.create(name, onExisting: onExisting)
    }
}
