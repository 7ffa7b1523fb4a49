import KVServer
import KVTestSupport
import KVTransfer
import Synchronization
import Testing

/// What a backup makes of servers that behave in other ways than the embedded one.
@Suite struct ReadingTests {
    private static let namespace = Namespace(id: "0f2ac74b498b48028cb68387c421e279", title: "n")

    private static func backUp(
        _ client: KVClient, _ vault: MemoryVault = MemoryVault()
    ) async throws -> (records: [KVRecord], report: BackupReport) {
        let report = try await BackupJob(
            of: namespace, client: client, to: vault, options: BackupJob.Options(tool: someTool)
        ).run()
        return (try await Archive.open(in: vault, at: report.path).allRecords(), report)
    }

    @Test func `a value in which a server put U+FFFD is read again as bytes`() async throws {
        try await withScriptedClient { request, _ in
            if request.target.contains("/keys") { return .keyList(["binary", "genuine"]) }
            if request.target.hasSuffix("/bulk/get") {
                return .success(
                    "{\"values\":{\"binary\":{\"value\":\"a\u{FFFD}\",\"metadata\":1.0},\"genuine\":{\"value\":\"\u{FFFD}\"}}}"
                )
            }
            let value: [UInt8] = request.target.hasSuffix("/binary") ? [0x61, 0xFF] : Array("\u{FFFD}".utf8)
            return .http(200, value, type: "application/octet-stream")
        } _: { client, _ in
            let (records, report) = try await Self.backUp(client)
            #expect(records.map(\.value) == [[0x61, 0xFF], Array("\u{FFFD}".utf8)])
            #expect(records[0].metadata?.text == "1.0")
            #expect(report.manifest.read?.keysReread == 2)
            #expect(report.isWhole)
        }
    }

    @Test func `a key that is gone when it is read is counted and is no hole; one that was left out is read`()
        async throws
    {
        try await withScriptedClient { request, _ in
            if request.target.contains("prefix=gone") { return .keyList([]) }
            if request.target.contains("/keys") { return .keyList(["gone", "left-out", "there"]) }
            if request.target.hasSuffix("/bulk/get") {
                return .success("{\"values\":{\"there\":{\"value\":\"v\",\"metadata\":null},\"gone\":null}}")
            }
            return request.target.hasSuffix("/gone")
                ? .failure(404, code: 10009, "get: 'key not found'") : .http(200, "late", type: "text/plain")
        } _: { client, _ in
            let (records, report) = try await Self.backUp(client)
            #expect(records == [KVRecord(key: "left-out", text: "late"), KVRecord(key: "there", text: "v")])
            #expect(report.manifest.read?.keysVanished == 1)
            #expect(report.manifest.read?.keysListed == 3)
            #expect(report.isWhole)
        }
    }

    @Test func `a key that cannot be read is a hole with its reason, and the rest is there`() async throws {
        try await withScriptedClient { request, _ in
            if request.target.contains("/keys") { return .keyList(["a", "bad", "c"]) }
            if request.target.hasSuffix("/bulk/get") { return .failure(400, code: 10029, "a non-text value") }
            return request.target.hasSuffix("/bad")
                ? .failure(500, code: 10001, "storage trouble") : .http(200, "v", type: "text/plain")
        } _: { client, _ in
            let (records, report) = try await Self.backUp(client)
            #expect(records.map(\.key) == ["a", "c"])
            #expect(!report.isWhole)
            #expect(report.manifest.holes.map(\.key) == ["bad"])
            #expect(report.manifest.holes[0].reason.contains("storage trouble"))
        }
    }

    @Test func `a list whose keys come twice counts the first, one out of order is an error and leaves no archive`()
        async throws
    {
        try await withScriptedClient { request, _ in
            if request.target.contains("/keys") { return .keyList(["a", "a", "b"]) }
            return .success("{\"values\":{\"a\":{\"value\":\"1\"},\"b\":{\"value\":\"2\"}}}")
        } _: { client, _ in
            let (records, _) = try await Self.backUp(client)
            #expect(records.map(\.key) == ["a", "b"])
        }
        try await withScriptedClient { request, _ in
            .keyList(["b", "a"])
        } _: { client, _ in
            let vault = MemoryVault()
            let error = await failure { _ = try await Self.backUp(client, vault) }
            #expect((error as? KVError)?.code == .malformedAnswer)
            let archives = try await ArchiveCatalog.list(in: vault).namespaces.flatMap(\.archives)
            #expect(archives.isEmpty)
        }
    }

    @Test func `a namespace that is not there is an error, not an archive without records`() async throws {
        try await TestServer.withServer { test in
            let vault = MemoryVault()
            let missing = Namespace(id: "ffffffffffffffffffffffffffffffff", title: "gone")
            let error = await failure { _ = try await test.backUp(missing, to: vault) }
            #expect((error as? KVError)?.code == .namespaceNotFound)
            let archives = try await ArchiveCatalog.list(in: vault).namespaces.flatMap(\.archives)
            #expect(archives.isEmpty)
        }
    }

    @Test func `details that the list gives complete a server's answers that have none`() async throws {
        try await withScriptedClient { request, _ in
            if request.target.contains("/keys") {
                return .success(#"[{"name":"a","metadata":{"n":1.0},"expiration":4000000000},{"name":"b"}]"#)
            }
            return .success(#"{"values":{"a":"1","b":"2"}}"#)
        } _: { client, _ in
            let (records, _) = try await Self.backUp(client)
            #expect(
                records == [
                    KVRecord(
                        key: "a", text: "1", metadata: try KVMetadata(json: "{\"n\":1.0}"),
                        expiration: UnixTime(seconds: 4_000_000_000)),
                    KVRecord(key: "b", text: "2"),
                ])
        }
    }

    @Test func `a connection that breaks in the middle ends the backup with an error and no archive`() async throws {
        try await withScriptedClient { request, _ in
            if request.target.contains("/keys") { return .keyList(["a"]) }
            return .bytesThenReset(Array("HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n{\"success\":true".utf8))
        } _: { client, _ in
            let vault = MemoryVault()
            let error = await failure { _ = try await Self.backUp(client, vault) }
            #expect((error as? KVError)?.code == .malformedAnswer)
            let archives = try await ArchiveCatalog.list(in: vault).namespaces.flatMap(\.archives)
            #expect(archives.isEmpty)
        }
    }

    @Test func `a cancelled backup is not a finished one`() async throws {
        try await withScriptedClient { request, _ in
            request.target.contains("/keys") ? .keyList(["a"]) : .silence
        } _: { client, server in
            let vault = MemoryVault()
            let task = Task { _ = try await Self.backUp(client, vault) }
            while server.requests.count < 2 { await Task.yield() }
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
            let archives = try await ArchiveCatalog.list(in: vault).namespaces.flatMap(\.archives)
            #expect(archives.isEmpty)
        }
    }

    @Test func `archives of two accounts' namespaces of one title are not mixed in a vault`() async throws {
        try await withScriptedClient { _, _ in
            .keyList()
        } _: { client, _ in
            let vault = MemoryVault()
            _ = try await Self.backUp(client, vault)
            var options = client.options
            options.accountID = "another"
            try await withKVClient(options) { other in
                let error = await failure { _ = try await Self.backUp(other, vault) }
                #expect((error as? TransferError)?.code == .namespaceMixUp)
            }
        }
    }
}
