import Foundation
import KVServer
import KVTestSupport
import KVTransfer
import Synchronization
import Testing

@Suite struct RestoringTests {
    @Test func `a namespace that has keys is refused and not written to`() async throws {
        try await TestServer.withServer { test in
            let archive = try await madeArchive([KVRecord(key: "new", text: "1")])
            try await test.load([KVRecord(key: "old", text: "0")])
            let writes = test.requests(.bulkPut)
            let error = await failure {
                _ = try await ReplayJob(of: ArchiveRecordSource(archive), to: test.namespace, client: test.client).run()
            }
            #expect((error as? TransferError)?.code == .targetNotEmpty)
            #expect(test.requests(.bulkPut) == writes)

            var options = ReplayJob.Options()
            options.onConflict = .merge
            _ = try await ReplayJob(
                of: ArchiveRecordSource(archive), to: test.namespace, client: test.client, options: options
            ).run()
            #expect(try await test.recordsReadOneByOne(in: test.namespace).map(\.key) == ["new", "old"])
        }
    }

    @Test func `records that have expired or are about to are left out and named`() async throws {
        let now = UnixTime(seconds: 1_900_000_000)
        try await TestServer.withServer(now: { now }) { test in
            let offsets: [(KVKey, Int64)] = [
                ("past", -1), ("soon", 61), ("margin", 89), ("later", 90), ("far", 100_000),
            ]
            let records = offsets.map { KVRecord(key: $0.0, text: "v", expiration: now + $0.1) }
            let archive = try await madeArchive(records + [KVRecord(key: "never", text: "v")])
            let report = try await ReplayJob(
                of: ArchiveRecordSource(archive), to: test.namespace, client: test.client, clock: { now }
            )
            .run()
            #expect(report.expired == 3)
            #expect(report.expiredKeys == ["margin", "past", "soon"])
            #expect(report.written == 3)
            #expect(report.isWhole)
            #expect(try await test.recordsReadOneByOne(in: test.namespace).map(\.key) == ["far", "later", "never"])
        }
    }

    @Test func `a dry run says what would be written and writes nothing`() async throws {
        try await TestServer.withServer { test in
            let archive = try await madeArchive((0..<30).map { KVRecord(key: KVKey("k\($0)"), text: "v") })
            var options = ReplayJob.Options()
            options.isDryRun = true
            let report = try await ReplayJob(
                of: ArchiveRecordSource(archive), to: test.namespace, client: test.client, options: options
            )
            .run()
            #expect(report.written == 30 && report.isDryRun)
            #expect(test.requests(.bulkPut) == 0)
        }
    }

    @Test func `an archive with one changed byte is refused before anything is sent`() async throws {
        let vault = MemoryVault()
        let archive = try await madeArchive([KVRecord(key: "k", text: "value")], in: vault)
        let name = "n/2026-01-01T000000Z/part-000000.ndjson.zst"
        var bytes = try await vault.read(name, maximumBytes: 1_000_000)
        bytes[bytes.count / 3] ^= 1
        try await vault.remove(name)
        try await vault.write(bytes, to: name)
        try await TestServer.withServer { test in
            let before = test.server.requestCounts
            let error = await failure {
                _ = try await ReplayJob(of: ArchiveRecordSource(archive), to: test.namespace, client: test.client).run()
            }
            #expect((error as? TransferError)?.code == .archiveDamaged)
            #expect(test.server.requestCounts == before)
        }
    }

    @Test func `keys that the API reports as unsuccessful are sent again, alone`() async throws {
        let archive = try await madeArchive((0..<5).map { KVRecord(key: KVKey("k\($0)"), text: "v") })
        try await withScriptedClient { request, index in
            if request.method == "GET" { return .keyList() }
            let result = index == 1 ? (3, "[\"k1\",\"k3\"]") : (2, "[]")
            return .success("{\"successful_key_count\":\(result.0),\"unsuccessful_keys\":\(result.1)}")
        } _: { client, server in
            let report = try await ReplayJob(
                of: ArchiveRecordSource(archive), to: Namespace(id: "n", title: "n"), client: client
            ).run()
            #expect(report.written == 5 && report.isWhole)
            let writes = server.requests.filter { $0.method == "PUT" }
            try #require(writes.count == 2)
            #expect(
                String(decoding: writes[1].body, as: UTF8.self)
                    == #"[{"key":"k1","value":"v"},{"key":"k3","value":"v"}]"#)
        }
    }

    @Test func `keys that are missing from the count and not named are written again`() async throws {
        let archive = try await madeArchive([KVRecord(key: "a", text: "v"), KVRecord(key: "b", text: "v")])
        try await withScriptedClient { request, index in
            if request.method == "GET" { return .keyList() }
            return .success("{\"successful_key_count\":\(index == 1 ? 1 : 2),\"unsuccessful_keys\":[]}")
        } _: { client, server in
            let report = try await ReplayJob(
                of: ArchiveRecordSource(archive), to: Namespace(id: "n", title: "n"), client: client
            ).run()
            #expect(report.written == 2 && report.isWhole)
            #expect(server.requests.count { $0.method == "PUT" } == 2)
        }
    }

    @Test func `a pair that the API refuses is named, and the others are written`() async throws {
        let archive = try await madeArchive((0..<9).map { KVRecord(key: KVKey("k\($0)"), text: "v") })
        try await withScriptedClient { request, _ in
            if request.method == "GET" { return .keyList() }
            return String(decoding: request.body, as: UTF8.self).contains("\"k4\"")
                ? .failure(400, code: 10047, "metadata too long") : .success("{\"unsuccessful_keys\":[]}")
        } _: { client, _ in
            let report = try await ReplayJob(
                of: ArchiveRecordSource(archive), to: Namespace(id: "n", title: "n"), client: client
            ).run()
            #expect(report.written == 8)
            #expect(report.holes.map(\.key) == ["k4"])
            #expect(report.holes[0].reason.contains("metadata too long"))
        }
    }

    @Test func `an API that refuses everything ends the restore instead of every record`() async throws {
        let archive = try await madeArchive((0..<5_000).map { KVRecord(key: KVKey("k\($0)"), text: "v") })
        try await withScriptedClient { request, _ in
            request.method == "GET" ? .keyList() : .failure(400, code: 10012, "not today")
        } _: { client, server in
            let error = await failure {
                _ = try await ReplayJob(
                    of: ArchiveRecordSource(archive), to: Namespace(id: "n", title: "n"), client: client
                ).run()
            }
            #expect((error as? KVError)?.reply?.has(.malformedBody) == true)
            #expect(server.requests.count < 100)
        }
    }

    @Test func `keys that never succeed are holes`() async throws {
        let archive = try await madeArchive([KVRecord(key: "a", text: "v"), KVRecord(key: "b", text: "v")])
        try await withScriptedClient { request, _ in
            request.method == "GET" ? .keyList() : .success("{\"unsuccessful_keys\":[\"b\"]}")
        } _: { client, _ in
            let report = try await ReplayJob(
                of: ArchiveRecordSource(archive), to: Namespace(id: "n", title: "n"), client: client
            ).run()
            #expect(report.written == 1)
            #expect(report.holes.map(\.key) == ["b"])
            #expect(!report.isWhole)
        }
    }

    @Test func `a request that is too large is halved until it fits`() async throws {
        let records = (0..<10).map { KVRecord(key: KVKey("k\($0)"), text: "v") }
        let archive = try await madeArchive(records)
        try await withScriptedClient { request, _ in
            if request.method == "GET" { return .keyList() }
            let pairs = String(decoding: request.body, as: UTF8.self).components(separatedBy: "\"key\"").count - 1
            return pairs > 3 ? .http(413, "<html>too large</html>") : .success("{\"unsuccessful_keys\":[]}")
        } _: { client, server in
            let report = try await ReplayJob(
                of: ArchiveRecordSource(archive), to: Namespace(id: "n", title: "n"), client: client
            ).run()
            #expect(report.written == 10)
            let sent = server.requests.filter { $0.method == "PUT" && $0.body.count < 90 }
            #expect(sent.count >= 4)
        }
    }

    @Test func `requests are cut by count and by bytes`() async throws {
        try await TestServer.withServer { test in
            let archive = try await madeArchive(
                (0..<100).map { KVRecord(key: KVKey("k\(100 + $0)"), text: String(repeating: "v", count: 1000)) })
            _ = try await test.restore(archive, title: "by count") { $0.chunkPairs = 30 }
            #expect(test.requests(.bulkPut) == 4)
            let (_, report) = try await test.restore(archive, title: "by bytes") { $0.chunkBytes = 10_300 }
            #expect(test.requests(.bulkPut) == 4 + 10)
            #expect(report.written == 100)
        }
    }
}
