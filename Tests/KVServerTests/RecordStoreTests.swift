import Foundation
import KVModel
import KVServer
import SQLite
import Testing

@Suite struct RecordStoreTests {
    private static let sessions = "b841db2e9a2c37b1879314e6824e167c"

    private func withFolder(_ body: (String) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "kvark-test-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try await body("\(folder)/kv.sqlite")
    }

    private func store(_ path: String?, at seconds: Int64 = 1_000, busyMilliseconds: Int32 = 30_000) throws
        -> RecordStore
    {
        try RecordStore(path: path, now: { UnixTime(seconds: seconds) }, busyMilliseconds: busyMilliseconds)
    }

    @Test(arguments: [false, true]) func `a database of an earlier release opens as it is`(isKilled: Bool) async throws
    {
        try await withFolder { path in
            try OldDatabase.make(at: path, isKilled: isKilled)
            #expect(FileManager.default.fileExists(atPath: "\(path)-wal") == isKilled)
            let store = try store(path)
            let (rows, total) = try await store.namespaces(page: 1, perPage: 20, order: .title, descending: false)
            #expect(total == 2)
            #expect(rows.map { "\($0.title) \($0.jurisdiction ?? "-")" } == ["eu eu", "sessions -"])
            let keys = try await store.keys(in: Self.sessions, prefix: [], after: nil, limit: 10)
            #expect(keys.map(\.key) == [[0], Array("empty".utf8), Array("é".utf8)])
            #expect(keys.map(\.expiration) == [4_102_444_800, nil, nil])
            #expect(keys.map(\.metadata?.text) == ["1e400", nil, #"{"a":1.0}"#])
            let names: [KVKey] = ["\0", "empty", "é", "none"]
            let records = try await store.records(names, in: Self.sessions, limit: 5)
            #expect(records?.map(\.?.value) == [[0xFF], [], Array("text".utf8), nil])
            // Numbers of namespaces that are gone are not given again, so that nobody gets their records.
            _ = try await store.createNamespace(id: "new", title: "new", jurisdiction: nil)
            #expect(try await store.keys(in: "new", prefix: [], after: nil, limit: 10).isEmpty)
            #expect(try await store.sweep() == 3, "two records, and the namespace")
            try await store.close()
            #expect(!FileManager.default.fileExists(atPath: "\(path)-wal"))
        }
    }

    @Test func `what an earlier release left has expired when its time comes`() async throws {
        try await withFolder { path in
            try OldDatabase.make(at: path, isKilled: false)
            let store = try store(path, at: 4_102_444_800)
            #expect(try await store.record("\0", in: Self.sessions) == nil)
            #expect(try await store.metadata(of: "\0", in: Self.sessions) == .none)
            #expect(try await store.sweep() == 4)
            try await store.close()
        }
    }

    @Test func `a record without metadata is told from one that is not there`() async throws {
        let store = try store(nil)
        _ = try await store.createNamespace(id: "n", title: "t", jurisdiction: nil)
        let metadata = try KVMetadata(json: "[1]")
        try await store.write(
            [RecordWrite(key: "a", value: []), RecordWrite(key: "b", value: [1], metadata: metadata)], in: "n")
        #expect(try await store.metadata(of: "a", in: "n") == .some(nil))
        #expect(try await store.metadata(of: "b", in: "n") == .some(metadata))
        #expect(try await store.metadata(of: "c", in: "n") == .none)
        #expect(try await store.records(["b"], in: "n", limit: 0) == nil)
        try await store.delete(["a", "c"], in: "n")
        #expect(try await store.record("a", in: "n") == nil)
        await #expect(throws: RecordStore.NamespaceMissing.self) { try await store.record("a", in: "o") }
    }

    @Test func `titles are taken once, and go with their namespaces`() async throws {
        let store = try store(nil)
        let made = try await store.createNamespace(id: "n", title: "t", jurisdiction: "eu")
        #expect(try await store.namespace("n") == made)
        await #expect(throws: NamespaceRefusal.titleTaken) {
            try await store.createNamespace(id: "o", title: "t", jurisdiction: nil)
        }
        #expect(try await store.renameNamespace("n", title: "u").title == "u")
        try await store.deleteNamespace("n")
        await #expect(throws: RecordStore.NamespaceMissing.self) { try await store.renameNamespace("n", title: "v") }
        await #expect(throws: RecordStore.NamespaceMissing.self) { try await store.expectNamespace("n") }
        _ = try await store.createNamespace(id: "o", title: "u", jurisdiction: nil)
    }

    @Test func `a sweep that is broken off lets the store close`() async throws {
        try await withFolder { path in
            for round in 0..<50 {
                let store = try store(path, at: 1_000)
                let id = "n\(round)"
                _ = try await store.createNamespace(id: id, title: id, jurisdiction: nil)
                let writes = (0..<200).map {
                    RecordWrite(key: KVKey("k\($0)"), value: [], expiration: UnixTime(seconds: 999))
                }
                try await store.write(writes, in: id)
                let sweep = Task { _ = try? await store.sweep() }
                if round.isMultiple(of: 2) { await Task.yield() }
                sweep.cancel()
                await sweep.value
                try await store.close()
                #expect(!FileManager.default.fileExists(atPath: "\(path)-wal"))
            }
        }
    }
}
