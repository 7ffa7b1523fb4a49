import KVTestSupport
import KVTransfer
import Synchronization
import Testing

/// Backups of namespaces that are hard to read, and of servers that make it hard.
@Suite struct HardReadingTests {
    private static let namespace = Namespace(id: "0f2ac74b498b48028cb68387c421e279", title: "n")

    /// A server whose namespace can be exchanged, and a client whose pauses take no time.
    private static func withNamespace(
        _ first: ScriptedNamespace, _ body: (KVClient, Shared, ScriptedServer) async throws -> Void
    ) async throws {
        let current = Shared(first)
        try await withScriptedClient { request, _ in
            current.namespace.answer(request)
        } _: { client, server in
            var options = client.options
            options.clock = PaceClock(
                now: PaceClock.system.now, unixNow: PaceClock.system.unixNow,
                sleep: { _ in try Task.checkCancellation() })
            try await withKVClient(options) { try await body($0, current, server) }
        }
    }

    private final class Shared: Sendable {
        private let value: Mutex<ScriptedNamespace>
        init(_ namespace: ScriptedNamespace) { value = Mutex(namespace) }
        var namespace: ScriptedNamespace { value.withLock { $0 } }
        func change(_ body: (inout ScriptedNamespace) -> Void) { value.withLock { body(&$0) } }
    }

    private static func backUp(_ client: KVClient, to vault: MemoryVault = MemoryVault()) async throws -> BackupReport {
        var options = BackupJob.Options(tool: someTool)
        options.concurrency = 1...1
        options.setCheckpointInterval(requests: 1)
        return try await BackupJob(of: namespace, client: client, to: vault, options: options).run()
    }

    private static func keys(_ report: BackupReport, in vault: MemoryVault) async throws -> [String] {
        try await Archive.open(in: vault, at: report.path).allRecords().map(\.key.string)
    }

    // MARK: Lists

    @Test(arguments: [(404, 7003), (410, 10041), (422, 10028)])
    func `a cursor that dies is replaced by a new list, whatever the refusal looks like`(
        status: Int, code: Int
    ) async throws {
        var namespace = ScriptedNamespace(count: 350)
        namespace.pageKeys = 100
        namespace.deadCursor = .failure(status, code: code, "gone")
        try await Self.withNamespace(namespace) { client, current, _ in
            let expected = namespace.keys
            let vault = MemoryVault()
            // Fails at the third bulk get, when the cursor of the second page is noted.
            current.change { $0.bulkGet = { $0.contains("k0250") ? .failure(403, code: 10000, "no") : nil } }
            let error = await failure { _ = try await Self.backUp(client, to: vault) }
            #expect((error as? KVError)?.code == .unauthorized)
            current.change {
                $0.bulkGet = { _ in nil }
                $0.cursorPrefix = "new"
            }
            let report = try await Self.backUp(client, to: vault)
            #expect(try await Self.keys(report, in: vault) == expected)
            #expect(report.manifest.read?.listsRestarted == 1)
            #expect(report.manifest.read?.runs == 2)
        }
    }

    @Test func `a server that answers a forgotten cursor with an empty last page is not believed`() async throws {
        var namespace = ScriptedNamespace(count: 350)
        namespace.pageKeys = 100
        namespace.bulkGet = { $0.contains("k0250") ? .failure(403, code: 10000, "no") : nil }
        try await Self.withNamespace(namespace) { client, current, _ in
            let vault = MemoryVault()
            let error = await failure { _ = try await Self.backUp(client, to: vault) }
            #expect((error as? KVError)?.code == .unauthorized)
            current.change {
                $0.bulkGet = { _ in nil }
                $0.cursorPrefix = "new"
                $0.deadCursor = .success("[]", info: "{\"count\":0,\"cursor\":\"\"}")
            }
            let report = try await Self.backUp(client, to: vault)
            #expect(try await Self.keys(report, in: vault) == namespace.keys)
        }
    }

    // MARK: Details

    @Test func `metadata and expirations that only the list tells are kept, with few requests more`() async throws {
        var namespace = ScriptedNamespace(count: 300)
        namespace.listedDetails = ",\"metadata\":{\"n\":1.0},\"expiration\":4000000000"
        namespace.bulkGet = { keys in
            .success("{\"values\":{\(keys.map { "\"\($0)\":{\"value\":\"v\"}" }.joined(separator: ","))}}")
        }
        try await Self.withNamespace(namespace) { client, _, server in
            let vault = MemoryVault()
            let report = try await Self.backUp(client, to: vault)
            let records = try await Archive.open(in: vault, at: report.path).allRecords()
            #expect(records.count == 300)
            #expect(records.allSatisfy { $0.metadata?.text == "{\"n\":1.0}" })
            #expect(records.allSatisfy { $0.expiration?.seconds == 4_000_000_000 })
            #expect(server.requests.count < 20)
        }
    }

    @Test func `an expiration that was taken away after the list is not brought back`() async throws {
        var namespace = ScriptedNamespace(count: 10)
        namespace.listedDetails = ",\"expiration\":4000000000"
        try await Self.withNamespace(namespace) { client, current, _ in
            current.change {
                $0.bulkGet = { keys in
                    current.change { $0.listedDetails = "" }
                    return nil
                }
            }
            let vault = MemoryVault()
            let report = try await Self.backUp(client, to: vault)
            let records = try await Archive.open(in: vault, at: report.path).allRecords()
            #expect(records.count == 10 && records.allSatisfy { $0.expiration == nil })
        }
    }

    // MARK: Keys that cannot be read

    @Test func `a key that stays in the list and is not there when it is read is a hole`() async throws {
        var namespace = ScriptedNamespace(count: 300)
        namespace.bulkGet = { keys in
            let values = keys.map { $0 == "k0123" ? "\"\($0)\":null" : "\"\($0)\":{\"value\":\"v\",\"metadata\":null}" }
            return .success("{\"values\":{\(values.joined(separator: ","))}}")
        }
        namespace.value = { $0 == "k0123" ? ScriptedNamespace.notFound : nil }
        try await Self.withNamespace(namespace) { client, _, _ in
            let report = try await Self.backUp(client)
            #expect(report.manifest.holes.map(\.key) == ["k0123"])
            #expect(report.manifest.totals.records == 299)
            #expect(report.manifest.read?.keysVanished == 0)

            // A copy must not lose it either.
            try await TestServer.withServer { test in
                let source = NamespaceSource(Self.namespace, client: client)
                let report = try await ReplayJob(of: source, to: test.namespace, client: test.client).run()
                #expect(report.sourceHoles.map(\.key) == ["k0123"])
                #expect(report.written == 299 && !report.isWhole)
                // And who compares afterwards must not be told that all is well.
                let target = NamespaceSource(test.namespace, client: test.client)
                let diff = try await DiffJob(NamespaceSource(Self.namespace, client: client), target).run()
                #expect(diff.unreadable.map(\.key) == ["k0123"] && !diff.isIdentical)
            }
        }
    }

    @Test func `a key that was denied for a moment is copied all the same`() async throws {
        var namespace = ScriptedNamespace(count: 300)
        namespace.bulkGet = { keys in
            let values = keys.map { key in
                key == "k0123" ? "\"\(key)\":null" : "\"\(key)\":{\"value\":\"value of \(key)\",\"metadata\":null}"
            }
            return .success("{\"values\":{\(values.joined(separator: ","))}}")
        }
        let denials = Mutex(3)
        namespace.value = { key in
            let isDenied = denials.withLock { left in
                if key == "k0123" { left -= 1 }
                return left >= 0
            }
            return key == "k0123" && isDenied ? ScriptedNamespace.notFound : nil
        }
        try await Self.withNamespace(namespace) { client, _, _ in
            try await TestServer.withServer { test in
                let source = NamespaceSource(Self.namespace, client: client)
                let report = try await ReplayJob(of: source, to: test.namespace, client: test.client).run()
                #expect(report.written == 300 && report.isWhole)
                #expect(
                    try await test.client.value(of: "k0123", in: test.namespace.id)?.bytes
                        == Array("value of k0123".utf8))
            }
        }
    }

    @Test(arguments: [false, true])
    func `a key on which the connection breaks, or a page comes, each time is a hole, and the rest is read`(
        isPage: Bool
    ) async throws {
        var namespace = ScriptedNamespace(count: 150)
        let broken: ScriptedServer.Answer = isPage ? .http(404, "<html>", type: "text/html") : .bytesThenReset([])
        namespace.bulkGet = { $0.contains("k0077") ? broken : nil }
        namespace.value = { $0 == "k0077" ? broken : nil }
        try await Self.withNamespace(namespace) { client, _, _ in
            let vault = MemoryVault()
            let report = try await Self.backUp(client, to: vault)
            #expect(report.manifest.holes.map(\.key) == ["k0077"])
            #expect(try await Self.keys(report, in: vault) == namespace.keys.filter { $0 != "k0077" })
        }
    }

    @Test func `a key that fails when there are no more repetitions is no hole: the run ends and goes on later`()
        async throws
    {
        var namespace = ScriptedNamespace(count: 20)
        namespace.bulkGet = { _ in ScriptedNamespace.nonText }
        namespace.value = { $0 == "k0007" ? .failure(500, code: 10001, "storage trouble") : nil }
        try await Self.withNamespace(namespace) { patient, current, _ in
            var options = patient.options
            options.retryPolicy.budget = 0
            let vault = MemoryVault()
            try await withKVClient(options) { client in
                let error = await failure { _ = try await Self.backUp(client, to: vault) }
                #expect((error as? KVError)?.isForWantOfRetries == true, "\(String(describing: error))")
            }
            current.change { $0.value = { _ in nil } }
            let report = try await Self.backUp(patient, to: vault)
            #expect(report.isWhole)
            #expect(try await Self.keys(report, in: vault) == namespace.keys)
        }
    }

    @Test func `a bulk get that is refused for an unknown reason is done without`() async throws {
        var namespace = ScriptedNamespace(count: 500)
        namespace.bulkGet = { _ in .failure(400, code: 10001, "unexpected request") }
        try await Self.withNamespace(namespace) { client, _, server in
            let vault = MemoryVault()
            let report = try await Self.backUp(client, to: vault)
            #expect(report.isWhole)
            #expect(try await Self.keys(report, in: vault) == namespace.keys)
            #expect(server.requests.count < 600)
        }
    }

    @Test func `a backup with more unreadable keys than can be bad luck ends, and later runs get to its end`()
        async throws
    {
        var namespace = ScriptedNamespace(count: 1_500)
        namespace.bulkGet = { _ in ScriptedNamespace.nonText }
        namespace.value = { $0.hasPrefix("k1") || $0 > "k0200" ? .failure(400, code: 10042, "illegal key") : nil }
        try await Self.withNamespace(namespace) { client, _, _ in
            let vault = MemoryVault()
            let error = await failure { _ = try await Self.backUp(client, to: vault) }
            #expect((error as? KVError)?.message.contains("more than 1000 keys could not be read") == true)
            let report = try await Self.backUp(client, to: vault)
            let unreadable = namespace.keys.filter { $0 > "k0200" }
            #expect(report.manifest.holes.map(\.key.string) == unreadable)
            #expect(report.manifest.totals.records == 201)
        }
    }

    // MARK: Large values

    @Test(arguments: [false, true])
    func `many large values that are not text are read in steps`(settles: Bool) async throws {
        // More than a batch takes at a time, which without them would be a hundred keys.
        let records = (0..<40).map { index in
            KVRecord(
                key: KVKey("k" + String(100 + index)),
                value: index.isMultiple(of: 13) ? [0x61] : [UInt8](repeating: 0xFF, count: 3 << 20))
        }
        try await TestServer.withServer { test in
            for record in records { try await test.client.write(record, in: test.namespace.id) }
            let vault = MemoryVault()
            var options = BackupJob.Options(tool: someTool)
            options.settles = settles
            let report = try await BackupJob(of: test.namespace, client: test.client, to: vault, options: options).run()
            #expect(try await Archive.open(in: vault, at: report.path).allRecords() == records)
            #expect(report.manifest.read?.keysListed == 40)
            #expect(report.manifest.read?.runs == 1)
        }
    }
}
