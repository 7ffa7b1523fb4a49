import Foundation
import KVServer
import KVTestSupport
import KVTransfer
import Synchronization
import Testing

/// Restores that were interrupted, and what others have done to the namespace meanwhile.
@Suite struct UnfinishedRestoreTests {
    private static let target = Namespace(id: "n", title: "n")

    private static func records(_ names: KVKey...) -> [KVRecord] { names.map { KVRecord(key: $0, text: "v") } }

    /// A namespace of which only the list of keys is known, and how its writes are answered.
    private final class ScriptedNamespace: Sendable {
        private let state = Mutex((keys: [String](), answer: ScriptedServer.Answer.success()))

        func set(keys: [String], answer: ScriptedServer.Answer = .success()) {
            state.withLock { $0 = (keys, answer) }
        }

        func answer(_ request: ScriptedServer.Request) -> ScriptedServer.Answer {
            state.withLock { state in
                if request.method != "GET" { return state.answer }
                if request.target.contains("/values/") { return .http(200, "v") }
                return .keyList(state.keys)
            }
        }
    }

    @Test func `a restore that failed before its first write does not vouch for what others write`() async throws {
        let archive = try await madeArchive(Self.records("a", "b"))
        let checkpoints = MemoryVault()
        let namespace = ScriptedNamespace()
        namespace.set(keys: [], answer: .failure(403, code: 10026, "not entitled"))
        try await withScriptedClient { request, _ in
            namespace.answer(request)
        } _: { client, server in
            var options = ReplayJob.Options()
            options.checkpoints = checkpoints
            let job = ReplayJob(of: ArchiveRecordSource(archive), to: Self.target, client: client, options: options)
            #expect((await failure { _ = try await job.run() } as? KVError)?.code == .unauthorized)
            #expect(checkpoints.files.isEmpty)

            // The application has the same keys, with other values.
            namespace.set(keys: ["a", "b"])
            let writes = server.requests.count { $0.method == "PUT" }
            #expect((await failure { _ = try await job.run() } as? TransferError)?.code == .targetNotEmpty)
            #expect(server.requests.count { $0.method == "PUT" } == writes)
        }
    }

    @Test(arguments: [
        (["a:1"], true), (["a:1", "a:2"], true), ([], true), (["a:1", "app"], false), (["A"], false), (["zzz"], false),
        // In the archive, but not restored.
        (["b:1"], false),
    ])
    func `a restore of which one write may have arrived goes on only where it can have been`(
        keys: [String], goesOn: Bool
    ) async throws {
        let archive = try await madeArchive(Self.records("a:1", "a:2", "a:3", "b:1"))
        let checkpoints = MemoryVault()
        let namespace = ScriptedNamespace()
        namespace.set(keys: [], answer: .http(502, ""))
        try await withScriptedClient { request, _ in
            namespace.answer(request)
        } _: { client, server in
            var options = ReplayJob.Options()
            options.checkpoints = checkpoints
            let job = ReplayJob(
                of: ArchiveRecordSource(archive, prefix: "a:"), to: Self.target, client: client, options: options)
            #expect((await failure { _ = try await job.run() } as? KVError)?.code == .serverFailed)
            #expect(!checkpoints.files.isEmpty)

            namespace.set(keys: keys)
            let error = await failure { _ = try await job.run() }
            if goesOn {
                #expect(error == nil)
            } else {
                #expect((error as? TransferError)?.code == .targetNotEmpty)
                #expect("\(String(describing: error))".contains("is not one of those that are written"))
            }
            #expect(
                server.requests.filter { $0.target.contains("/keys") }.allSatisfy { $0.target.contains("limit=1000") })
        }
    }

    /// Restores records one by one and stops after some of them.
    private static func interrupt(
        _ archive: Archive, _ test: TestServer, _ checkpoints: MemoryVault, after count: Int
    ) async throws {
        let stop = StopRequest()
        let job = job(archive, test, checkpoints, stop: stop)
        let error = await failure {
            _ = try await job.run { if $0.records >= count { stop.request() } }
        }
        #expect((error as? TransferError)?.code == .interrupted)
        #expect(stop.isHeeded)
    }

    private static func job(
        _ archive: Archive, _ test: TestServer, _ checkpoints: MemoryVault, stop: StopRequest? = nil,
        adjust: (inout ReplayJob.Options) -> Void = { _ in }
    ) -> ReplayJob {
        var options = ReplayJob.Options()
        options.checkpoints = checkpoints
        options.chunkPairs = 1
        options.concurrency = 1
        options.stop = stop
        adjust(&options)
        return ReplayJob(of: ArchiveRecordSource(archive), to: test.namespace, client: test.client, options: options)
    }

    @Test func `a restore goes on after its last record`() async throws {
        try await TestServer.withServer { test in
            let archive = try await madeArchive(Self.records("a", "b", "c", "d"))
            let checkpoints = MemoryVault()
            try await Self.interrupt(archive, test, checkpoints, after: 2)
            let writes = test.requests(.bulkPut)
            let report = try await Self.job(archive, test, checkpoints).run()
            #expect(test.requests(.bulkPut) - writes == 2)
            #expect(report.written == 4 && report.runs == 2)
        }
    }

    @Test func `what was written and is not there any more is written again`() async throws {
        try await TestServer.withServer { test in
            let archive = try await madeArchive(Self.records("a", "b", "c", "d"))
            let checkpoints = MemoryVault()
            try await Self.interrupt(archive, test, checkpoints, after: 2)
            try await test.client.delete("b", in: test.namespace.id)
            let report = try await Self.job(archive, test, checkpoints).run()
            #expect(report.written == 4 && report.runs == 1)
            #expect(try await test.recordsReadOneByOne(in: test.namespace).map(\.key) == ["a", "b", "c", "d"])
        }
    }

    @Test func `a restore starts over when told to, where only its own records are`() async throws {
        try await TestServer.withServer { test in
            let archive = try await madeArchive(Self.records("a", "b", "c", "d"))
            let checkpoints = MemoryVault()
            try await Self.interrupt(archive, test, checkpoints, after: 2)
            let report = try await Self.job(archive, test, checkpoints) { $0.startsAnew = true }.run()
            #expect(report.written == 4 && report.runs == 1)
        }
    }

    @Test func `a key that somebody else has written stops a restore that goes on, unless it may merge`() async throws {
        try await TestServer.withServer { test in
            let archive = try await madeArchive(Self.records("a", "b", "c", "d"))
            let checkpoints = MemoryVault()
            try await Self.interrupt(archive, test, checkpoints, after: 2)
            try await test.client.write("app", to: "aa", in: test.namespace.id)
            let error = await failure { _ = try await Self.job(archive, test, checkpoints).run() }
            #expect((error as? TransferError)?.code == .targetNotEmpty)
            let report = try await Self.job(archive, test, checkpoints) { $0.onConflict = .merge }.run()
            #expect(report.runs == 2)
        }
    }

    @Test func `a restore that has come to its end has nothing to go on with`() async throws {
        try await TestServer.withServer { test in
            let stop = StopRequest()
            let archive = try await madeArchive(Self.records("a", "b"))
            // Asked to stop when the last record is written, which is no reason to call it interrupted.
            let report = try await Self.job(archive, test, MemoryVault(), stop: stop).run {
                if $0.records == 2 { stop.request() }
            }
            #expect(report.written == 2)
            #expect(!stop.isHeeded)
        }
    }

    // MARK: Expirations

    @Test func `a record whose time comes while the restore runs is a hole if none may expire`() async throws {
        let now: Int64 = 2_000_000_000
        let clock = SettableClock(now)
        let archive = try await madeArchive([
            KVRecord(key: "a", text: "v"), KVRecord(key: "b", value: [0x31], expiration: UnixTime(seconds: now + 100)),
            KVRecord(key: "c", text: "v"),
        ])
        try await TestServer.withServer(now: { clock.time }) { test in
            var options = ReplayJob.Options()
            options.expiring = .fail
            options.chunkPairs = 1
            options.concurrency = 1
            let job = ReplayJob(
                of: ArchiveRecordSource(archive), to: test.namespace, client: test.client, options: options
            ) { clock.time }
            let report = try await job.run { _ in clock.set(now + 50) }
            #expect(report.written == 2)
            #expect(report.expired == 0)
            #expect(report.holes.map(\.key) == ["b"])
        }
    }

    @Test func `what is written already may expire before a restore goes on`() async throws {
        let now: Int64 = 2_000_000_000
        let clock = SettableClock(now)
        let archive = try await madeArchive([
            KVRecord(key: "a", value: [0x31], expiration: UnixTime(seconds: now + 100)), KVRecord(key: "b", text: "v"),
        ])
        try await TestServer.withServer(now: { clock.time }) { test in
            let stop = StopRequest()
            var options = ReplayJob.Options()
            options.checkpoints = MemoryVault()
            options.expiring = .fail
            options.chunkPairs = 1
            options.concurrency = 1
            options.stop = stop
            let first = ReplayJob(
                of: ArchiveRecordSource(archive), to: test.namespace, client: test.client, options: options
            ) {
                clock.time
            }
            let error = await failure { _ = try await first.run { _ in stop.request() } }
            #expect((error as? TransferError)?.code == .interrupted)
            clock.set(now + 50)
            options.stop = nil
            let next = ReplayJob(
                of: ArchiveRecordSource(archive), to: test.namespace, client: test.client, options: options
            ) { clock.time }
            let report = try await next.run()
            #expect(report.written == 2 && report.runs == 2)
        }
    }
}
