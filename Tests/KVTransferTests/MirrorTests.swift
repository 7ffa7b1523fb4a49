import KVServer
import KVTestSupport
import KVTransfer
import Synchronization
import Testing

/// What a mirror deletes, and above all what it does not.
@Suite struct MirrorTests {
    private static func options(deleting maximum: Int = .max) -> ReplayJob.Options {
        var options = ReplayJob.Options()
        options.onConflict = .mirror
        options.deletionsMaximum = maximum
        return options
    }

    private static func records(_ keys: KVKey...) -> [KVRecord] { keys.map { KVRecord(key: $0, text: "v") } }

    private static func keys(_ test: TestServer) async throws -> [KVKey] {
        try await test.recordsReadOneByOne(in: test.namespace).map(\.key)
    }

    @Test(arguments: [0, 1, 2]) func `more keys than allowed are not deleted, and nothing is written`(
        maximum: Int
    ) async throws {
        try await TestServer.withServer { test in
            try await test.load(Self.records("x", "y"))
            let source = ArchiveRecordSource(try await madeArchive(Self.records("a")))
            let asked = Mutex<[Int]>([])
            var options = Self.options(deleting: maximum)
            options.confirmDeletions = { count in
                asked.withLock { $0.append(count) }
                return false
            }
            let job = ReplayJob(of: source, to: test.namespace, client: test.client, options: options)
            let error = await failure { _ = try await job.run() }
            let isAllowed = maximum == 2
            #expect((error as? TransferError)?.code == (isAllowed ? nil : .tooManyDeletions))
            #expect(asked.withLock { $0 } == (isAllowed ? [] : [2]))
            #expect(try await Self.keys(test) == (isAllowed ? ["a"] : ["x", "y"]))
        }
    }

    @Test func `keys outside of what the archive was made for stay`() async throws {
        try await TestServer.withServer { test in
            try await test.load(Self.records("img:1", "user:1", "user:2"))
            let (archive, _) = try await test.backUp(prefix: "user:")
            try await test.load(Self.records("user:3", "zebra"))
            let whole = ArchiveRecordSource(archive)
            let report = try await ReplayJob(
                of: whole, to: test.namespace, client: test.client, options: Self.options()
            ).run()
            #expect(report.deleted == 1)
            #expect(try await Self.keys(test) == ["img:1", "user:1", "user:2", "zebra"])

            let narrower = ArchiveRecordSource(archive, prefix: "user:1")
            _ = try await ReplayJob(of: narrower, to: test.namespace, client: test.client, options: Self.options())
                .run()
            let wider = ArchiveRecordSource(archive, prefix: "u")
            _ = try await ReplayJob(of: wider, to: test.namespace, client: test.client, options: Self.options()).run()
            let other = ArchiveRecordSource(archive, prefix: "img:")
            let error = await failure {
                _ = try await ReplayJob(of: other, to: test.namespace, client: test.client, options: Self.options())
                    .run()
            }
            #expect((error as? TransferError)?.code == .unknownScope)
            #expect(try await Self.keys(test) == ["img:1", "user:1", "user:2", "zebra"])
        }
    }

    @Test func `an archive of chosen keys does not say which are missing`() async throws {
        let vault = MemoryVault()
        _ = try await withArchiveWriter(in: vault, at: "n/2026-01-01T000000Z") { writer in
            try await writer.append(Self.records("a").map(RecordLine.init))
            return ArchiveProvenance(
                tool: someTool, startedAt: UnixTime(seconds: 1_767_225_600),
                source: ArchiveSource(filters: ["keys like a*"]))
        }
        let source = ArchiveRecordSource(try await Archive.open(in: vault, at: "n/2026-01-01T000000Z"))
        try await TestServer.withServer { test in
            try await test.load(Self.records("b"))
            let mirror = ReplayJob(of: source, to: test.namespace, client: test.client, options: Self.options())
            #expect((await failure { _ = try await mirror.run() } as? TransferError)?.code == .unknownScope)
            var options = ReplayJob.Options()
            options.onConflict = .merge
            options.isDifferential = true
            let merge = ReplayJob(of: source, to: test.namespace, client: test.client, options: options)
            #expect(try await merge.run().written == 1)
            #expect(try await Self.keys(test) == ["a", "b"])
        }
    }

    @Test func `a key that cannot be deleted does not keep the others`() async throws {
        let archive = try await madeArchive([])
        try await withScriptedClient { request, _ in
            guard request.target.hasSuffix("/bulk/delete") else {
                return ScriptedServer.Answer.keyList([".", "bad", "x", "y"])
            }
            if String(decoding: request.body, as: UTF8.self).contains("bad") {
                return .failure(400, code: 10012, "bulk delete: 'one of the keys is not valid'")
            }
            return .success("{\"unsuccessful_keys\":[]}")
        } _: { client, _ in
            let report = try await ReplayJob(
                of: ArchiveRecordSource(archive), to: Namespace(id: "n", title: "n"), client: client,
                options: Self.options()
            ).run()
            #expect(report.deleted == 2)
            #expect(report.notDeleted.map(\.key) == [".", "bad"] && !report.isWhole)
        }
    }

    @Test func `an API that refuses every deletion is not asked for each key`() async throws {
        let archive = try await madeArchive([])
        let keys = (0..<500).map { "k\(1_000 + $0)" }
        try await withScriptedClient { request, _ in
            request.target.hasSuffix("/bulk/delete")
                ? .failure(400, code: 10012, "bulk delete: 'no'") : ScriptedServer.Answer.keyList(keys)
        } _: { client, server in
            let job = ReplayJob(
                of: ArchiveRecordSource(archive), to: Namespace(id: "n", title: "n"), client: client,
                options: Self.options())
            #expect((await failure { _ = try await job.run() } as? KVError)?.code == .refused)
            #expect(server.requests.count < 80)
        }
    }

    @Test func `a key that could not be read is there all the same`() async throws {
        let vault = MemoryVault()
        _ = try await withArchiveWriter(in: vault, at: "n/2026-01-01T000000Z") { writer in
            try await writer.append(Self.records("a").map(RecordLine.init))
            return ArchiveProvenance(
                tool: someTool, startedAt: UnixTime(seconds: 1_767_225_600),
                holes: [Hole(key: "hole", reason: "it could not be read")])
        }
        let source = ArchiveRecordSource(try await Archive.open(in: vault, at: "n/2026-01-01T000000Z"))
        try await TestServer.withServer { test in
            try await test.load(Self.records("b", "hole"))
            let report = try await ReplayJob(
                of: source, to: test.namespace, client: test.client, options: Self.options()
            ).run()
            #expect(report.deleted == 1)
            #expect(try await Self.keys(test) == ["a", "hole"])
        }
    }

    /// A live source whose keys are others each time they are walked; after the last time, walking them fails.
    private final class Changing: ResumableSource {
        let name = "changing"
        let identity = "changing"
        let recordCount: Int? = nil
        let holes: [Hole] = []
        let isLive = true
        private let keys: Mutex<[[KVKey]]>
        private let recordsOfAll: [RecordLine]

        struct Failure: Error {}

        init(_ keys: [[KVKey]]) {
            self.keys = Mutex(keys)
            recordsOfAll = Set(keys.joined()).sorted().map { RecordLine(KVRecord(key: $0, text: "v")) }
        }

        func records(after key: KVKey?) -> any RecordSource { self }

        func forEachBatch(_ body: ([RecordLine]) async throws -> Void) async throws { try await body(recordsOfAll) }

        func forEachKeyBatch(_ body: ([KVKey]) async throws -> Void) async throws {
            let next = keys.withLock { $0.isEmpty ? nil : $0.removeFirst() }
            // Half-way, as a list that fails does.
            guard let next else {
                try await body(["a"])
                throw Failure()
            }
            try await body(next)
        }
    }

    @Test func `a key that the source has got meanwhile is not deleted`() async throws {
        try await TestServer.withServer { test in
            try await test.load(Self.records("a", "b", "c"))
            let source = Changing([["a"], ["a", "c"]])
            let report = try await ReplayJob(
                of: source, to: test.namespace, client: test.client, options: Self.options()
            ).run()
            #expect(report.deleted == 1)
            #expect(try await Self.keys(test) == ["a", "c"])
        }
    }

    @Test(arguments: [[], [["a"]]] as [[[KVKey]]])
    func `a list that fails half-way deletes nothing`(lists: [[KVKey]]) async throws {
        try await TestServer.withServer { test in
            try await test.load(Self.records("b", "c"))
            let job = ReplayJob(
                of: Changing(lists), to: test.namespace, client: test.client, options: Self.options())
            #expect(await failure { _ = try await job.run() } is Changing.Failure)
            #expect(test.requests(.bulkDelete) == 0)
            // In the first list nothing has been written yet; in the second, all has.
            #expect(try await Self.keys(test) == (lists.isEmpty ? ["b", "c"] : ["a", "b", "c"]))
        }
    }

    @Test func `many keys are deleted in as few requests as the API allows`() async throws {
        try await TestServer.withServer { test in
            try await test.load((0..<25_000).map { KVRecord(key: KVKey("k\($0)"), text: "v") })
            let source = ArchiveRecordSource(try await madeArchive(Self.records("a")))
            let report = try await ReplayJob(
                of: source, to: test.namespace, client: test.client, options: Self.options()
            ).run()
            #expect(report.deleted == 25_000)
            #expect(test.requests(.bulkDelete) == 3)
            #expect(try await Self.keys(test) == ["a"])
        }
    }
}
