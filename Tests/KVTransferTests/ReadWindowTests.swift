import Glibc
import KVTestSupport
import KVTransfer
import Synchronization
import Testing

/// How many reads are in flight.
@Suite struct ReadWindowTests {
    private static let light = 25_000

    @Test func `the first answers are waited for one by one`() {
        let window = ReadWindow(12...128)
        #expect([0, 1, 2, 3, 4].map { window.width(batchBytes: 0, consumed: $0) } == [1, 2, 4, 8, 12])
    }

    @Test func `answers from far away, which take no longer the more there are, widen the window up to its bound`() {
        var window = ReadWindow(12...128)
        for _ in 0..<200 { window.observe(seconds: 0.08) }
        #expect(window.width(batchBytes: Self.light, consumed: 200) == 128)
        window.begin()
        #expect(window.widthInBatch(valueBytes: 1_000) == 128)
        for _ in 1..<12 { window.begin() }
        #expect(window.widthInBatch(valueBytes: 1_000) == 10)
        for _ in 1..<12 { window.end() }
        #expect(window.widthInBatch(valueBytes: 1 << 20) == 64)
        #expect(window.widthInBatch(valueBytes: 25 << 20) == 2)
        #expect(window.widthInBatch(valueBytes: 0) == 1)
    }

    @Test func `a window does not widen where reads wait for each other, and narrows once they begin to`() {
        var window = ReadWindow(12...128)
        window.observe(seconds: 0.001)
        for _ in 0..<200 { window.observe(seconds: 0.003) }
        #expect(window.width(batchBytes: Self.light, consumed: 200) == 12)

        var wide = ReadWindow(12...128)
        for _ in 0..<200 { wide.observe(seconds: 0.08) }
        for _ in 0..<60 { wide.observe(seconds: 3) }
        #expect(wide.width(batchBytes: Self.light, consumed: 260) == 12)
    }

    @Test func `under a limit of requests the window stays as narrow as it is`() {
        var window = ReadWindow(12...128)
        for _ in 0..<200 { window.observe(seconds: 0.08, isLimited: true) }
        #expect(window.width(batchBytes: Self.light, consumed: 200) == 12)
        for _ in 0..<200 { window.observe(seconds: 0.08) }
        window.observe(seconds: 0.08, isLimited: true)
        #expect(window.width(batchBytes: Self.light, consumed: 200) == 12)
    }

    @Test(arguments: [(100, 128), (400_000, 20), (8 << 20, 8), (25 << 20, 2), (1 << 40, 2)])
    func `a wide window holds few bytes, and even the least width no more than memory allows`(bytes: Int, width: Int) {
        var window = ReadWindow(12...128)
        for _ in 0..<200 { window.observe(seconds: 0.08) }
        #expect(window.width(batchBytes: bytes, consumed: 200) == width)
    }

    @Test func `batches that are known to be heavy are few in flight, however light the last ones were`() {
        var window = ReadWindow(12...128)
        for _ in 0..<200 { window.observe(seconds: 0.08) }
        window.hold(9 << 20)
        #expect(window.width(batchBytes: Self.light, consumed: 200) == 12)
        window.hold(60 << 20)
        #expect(window.width(batchBytes: Self.light, consumed: 200) == 1)
        window.hold(-69 << 20)
        #expect(window.width(batchBytes: Self.light, consumed: 200) == 128)
    }

    @Test func `whoever names a width gets it`() {
        var window = ReadWindow(1...1)
        for _ in 0..<200 { window.observe(seconds: 0.08) }
        window.begin()
        #expect(window.width(batchBytes: Self.light, consumed: 200) == 1)
        #expect(window.widthInBatch(valueBytes: 1_000) == 1)
    }

    @Test func `many values that are not text are read at the same time where that makes none of them slower`()
        async throws
    {
        let together = Gathering(of: 40)
        // The first ones show how long a read takes.
        let keys = try await Self.backUp(ScriptedNamespace(count: 2_000), times: 1) { key in
            if key > "k0500" { together.join() }
            return [0xFF] + key.utf8
        }
        #expect(keys == ScriptedNamespace(count: 2_000).keys)
        #expect(together.most >= 40)
    }

    @Test func `values that were heavy the last time are not read all at the same time`() async throws {
        // More than may come at the same time, so that they wait for each other in vain.
        let heavyValues = Gathering(of: 24)
        let visits = Mutex<[String: Int]>([:])
        // Small ones first, so that the window is wide when the heavy ones come.
        let keys = try await Self.backUp(ScriptedNamespace(count: 224), times: 2) { key in
            let heavy = key >= "k0200"
            let visit = visits.withLock { visits in
                visits[key, default: 0] += 1
                return visits[key, default: 0]
            }
            if heavy, visit == 2 { heavyValues.join() }
            return [0xFF] + [UInt8](repeating: 0x61, count: heavy ? 4 << 20 : 10)
        }
        #expect(keys.count == 224)
        #expect(visits.withLock { $0.values.allSatisfy { $0 == 2 } })
        // 64 MiB and one value more.
        #expect((2...17).contains(heavyValues.most), "\(heavyValues.most)")
    }

    @Test func `the next page of the list is asked for while the first keys are read`() async throws {
        let lists = Mutex(0)
        let listsAtFirstRead = Mutex<Int?>(nil)
        var namespace = ScriptedNamespace(count: 300)
        namespace.pageKeys = 100
        namespace.bulkGet = { _ in
            guard listsAtFirstRead.withLock({ $0 == nil }) else { return nil }
            // If the page is never asked for, the test ends all the same, and says so.
            var rounds = 0
            while lists.withLock({ $0 }) < 2, rounds < 5_000 {
                usleep(1_000)
                rounds += 1
            }
            listsAtFirstRead.withLock { $0 = lists.withLock { $0 } }
            return nil
        }
        let scripted = namespace
        try await withScriptedClient { request, _ in
            if request.target.contains("/keys?") { lists.withLock { $0 += 1 } }
            return scripted.answer(request)
        } _: { client, _ in
            let source = NamespaceSource(Namespace(id: "0f2ac74b498b48028cb68387c421e279", title: "n"), client: client)
            var keys: [String] = []
            try await source.forEachBatch { keys += $0.map(\.key.string) }
            #expect(keys == scripted.keys)
        }
        #expect(listsAtFirstRead.withLock { $0 } == 2)
        #expect(lists.withLock { $0 } == 3)
    }

    /// Backs up a namespace of values that are not text, on a clock on which all answers take the same time: none.
    private static func backUp(
        _ scripted: ScriptedNamespace, times: Int, _ value: @Sendable @escaping (String) -> [UInt8]
    ) async throws -> [String] {
        var scripted = scripted
        scripted.bulkGet = { _ in ScriptedNamespace.nonText }
        scripted.value = { .http(200, value($0), type: "application/octet-stream") }
        let namespace = scripted
        return try await withScriptedClient { request, _ in
            namespace.answer(request)
        } _: { client, _ in
            var options = client.options
            options.clock = PaceClock(
                now: { 0 }, unixNow: PaceClock.system.unixNow, sleep: { _ in try Task.checkCancellation() })
            return try await withKVClient(options) { client in
                let vault = MemoryVault()
                var path = ""
                for _ in 0..<times {
                    path = try await BackupJob(
                        of: Namespace(id: "0f2ac74b498b48028cb68387c421e279", title: "n"), client: client, to: vault,
                        options: BackupJob.Options(tool: someTool)
                    ).run().path
                }
                return try await Archive.open(in: vault, at: path).allRecords().map(\.key.string)
            }
        }
    }
}

/// Makes its first comers wait until they are so many.
private final class Gathering: Sendable {
    private let count: Int
    private let state = Mutex((present: 0, most: 0))

    init(of count: Int) { self.count = count }

    /// The most that were there at the same time.
    var most: Int { state.withLock { $0.most } }

    /// Comes, waits for the others, and goes.
    func join() {
        state.withLock { state in
            state.present += 1
            state.most = max(state.most, state.present)
        }
        // If they never come, the test ends all the same, and says so.
        var rounds = 0
        while most < count, rounds < 2_000 {
            usleep(1_000)
            rounds += 1
        }
        state.withLock { $0.present -= 1 }
    }
}
