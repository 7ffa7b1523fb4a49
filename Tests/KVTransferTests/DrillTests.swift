import KVTestSupport
import KVTransfer
import Synchronization
import Testing

@Suite struct DrillTests {
    @Test func `a server that gives back something else does not pass`() async throws {
        let archive = try await madeArchive([
            KVRecord(key: "a", text: "value of a"), KVRecord(key: "b", text: "another"),
            KVRecord(key: "d", text: "lost"),
        ])
        let isWritten = Mutex(false)
        try await withScriptedClient { request, _ in
            if request.method == "PUT" {
                isWritten.withLock { $0 = true }
                return .success("{\"successful_key_count\":3,\"unsuccessful_keys\":[]}")
            }
            return ScriptedNamespace(isWritten.withLock { $0 } ? ["a", "b", "c"] : []).answer(request)
        } _: { client, _ in
            let report = try await DrillJob(of: archive, in: Namespace(id: "n", title: "n"), client: client).run()
            #expect(!report.hasPassed)
            #expect(report.unequal == 3)
            #expect(report.comparison.same == 1 && report.comparison.changed == 1)
            #expect(report.comparison.onlyInFirst == 1 && report.comparison.onlyInSecond == 1)
        }
    }

    @Test func `what has expired or is about to is not missed, and what a backup could not read is not asked for`()
        async throws
    {
        let now = UnixTime(seconds: 1_900_000_000)
        let vault = MemoryVault()
        _ = try await withArchiveWriter(in: vault, at: "n/2026-01-01T000000Z") { writer in
            let offsets: [(KVKey, Int64?)] = [("a", -1), ("b", 61), ("c", 89), ("d", 1_000), ("e", nil)]
            let records = offsets.map { offset in
                KVRecord(key: offset.0, text: "v", expiration: offset.1.map { now + $0 })
            }
            try await writer.append(records.map(RecordLine.init))
            return ArchiveProvenance(
                tool: someTool, startedAt: UnixTime(seconds: 1_767_225_600),
                holes: [Hole(key: "hole", reason: "it could not be read")])
        }
        let archive = try await Archive.open(in: vault, at: "n/2026-01-01T000000Z")
        try await TestServer.withServer(now: { now }) { test in
            let report = try await DrillJob(of: archive, in: test.namespace, client: test.client, clock: { now }).run()
            #expect(report.hasPassed)
            #expect(report.comparison.same == 2 && report.comparison.expired == 3)
        }
    }
}
