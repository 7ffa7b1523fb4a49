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
        var namespace = ScriptedNamespace(count: 2_000)
        namespace.bulkGet = { _ in ScriptedNamespace.nonText }
        namespace.value = { key in
            // The first ones show how long a read takes.
            if key > "k0500" { together.join() }
            return .http(200, Array([0xFF] + key.utf8), type: "application/octet-stream")
        }
        let scripted = namespace
        try await withScriptedClient { request, _ in
            scripted.answer(request)
        } _: { client, _ in
            var options = client.options
            // On this clock all answers take the same time: none.
            options.clock = PaceClock(
                now: { 0 }, unixNow: PaceClock.system.unixNow, sleep: { _ in try Task.checkCancellation() })
            try await withKVClient(options) { client in
                let vault = MemoryVault()
                let namespace = Namespace(id: "0f2ac74b498b48028cb68387c421e279", title: "n")
                let report = try await BackupJob(
                    of: namespace, client: client, to: vault, options: BackupJob.Options(tool: someTool)
                ).run()
                let keys = try await Archive.open(in: vault, at: report.path).allRecords().map(\.key.string)
                #expect(keys == scripted.keys)
            }
        }
        #expect(together.most >= 40)
    }
}

/// Makes its first comers wait until they are so many.
private final class Gathering: Sendable {
    private let count: Int
    private let state = Mutex((present: 0, most: 0))

    init(of count: Int) { self.count = count }

    /// The most that were there at the same time.
    var most: Int { state.withLock { $0.most } }

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
