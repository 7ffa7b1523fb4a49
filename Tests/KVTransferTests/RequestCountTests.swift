import JSONText
import KVServer
import KVTestSupport
import KVTransfer
import Testing

/// How many requests a backup makes, as the server counts them.
@Suite struct RequestCountTests {
    private static let records = 20_000

    /// The requests of one backup.
    private struct Count: CustomStringConvertible {
        var lists = 0
        var bulkGets = 0
        var values = 0

        var total: Int { lists + bulkGets + values }
        var description: String { "\(lists) lists, \(bulkGets) bulk gets, \(values) single reads" }

        init(_ test: TestServer) {
            lists = test.requests(.keysList)
            bulkGets = test.requests(.bulkGet)
            values = test.requests(.valueGet)
        }

        init(_ test: TestServer, since before: Count) {
            self.init(test)
            lists -= before.lists
            bulkGets -= before.bulkGets
            values -= before.values
        }
    }

    /// Backs the namespace up and counts.
    ///
    /// As many reads are in flight as where requests are limited, which they are wherever their number matters: the more
    /// there are, the later what they find is heeded.
    private static func counted(
        _ test: TestServer, to vault: MemoryVault = MemoryVault(), inFlight: Int = 12
    ) async throws -> Count {
        let before = Count(test)
        var options = BackupJob.Options(tool: someTool)
        options.concurrency = inFlight...inFlight
        let report = try await BackupJob(of: test.namespace, client: test.client, to: vault, options: options).run()
        let archive = try await Archive.open(in: vault, at: report.path)
        #expect(report.isWhole)
        #expect(archive.manifest.totals.records == records)
        let count = Count(test, since: before)
        #expect(report.manifest.read?.requests.values.reduce(0, +) == count.total)
        print("requests: \(count)")
        return count
    }

    @Test func `text takes a list for a thousand keys and a bulk get for a hundred, and one in a hundred more at most`()
        async throws
    {
        try await TestServer.withServer { test in
            try await test.load(MixedRecords.records(count: Self.records, seed: 1, nonTextShare: 0))
            let count = try await Self.counted(test)
            let floor = Self.records / 1_000 + Self.records / 100
            #expect(count.total >= floor)
            #expect(count.total * 100 <= floor * 101, "\(count)")
        }
    }

    @Test(arguments: Seed.several(3))
    func `one value in a hundred that is not text takes twelve requests for a hundred keys, and is remembered`(
        seed: Seed
    ) async throws {
        let records = MixedRecords.records(count: Self.records, seed: seed.value)
        let nonText = records.count { !UTF8Text.isValid($0.value) }
        try #require(nonText > Self.records / 200)
        try await TestServer.withServer { test in
            try await test.load(records)
            let vault = MemoryVault()
            let first = try await Self.counted(test, to: vault)
            #expect(first.total <= 12 * max(nonText, Self.records / 100), "\(first), \(nonText) are not text")
            // One after the other, which is the same each time.
            let alone = try await Self.counted(test, inFlight: 1)
            #expect(alone.total * 100 <= Self.records * 11, "\(alone)")

            let second = try await Self.counted(test, to: vault)
            #expect(second.lists == first.lists)
            #expect(second.values == nonText, "\(second)")
            let texts = Self.records - nonText
            #expect(second.bulkGets <= (texts + 99) / 100, "\(second)")
        }
    }

    @Test func `values of which none is text take little more than one read each`() async throws {
        try await TestServer.withServer { test in
            try await test.load(MixedRecords.records(count: Self.records, seed: 1, nonTextShare: 1))
            let count = try await Self.counted(test)
            #expect((count.bulkGets + count.values) * 100 <= Self.records * 105, "\(count)")
        }
    }

    @Test func `an exact backup reads each value once`() async throws {
        try await TestServer.withServer { test in
            try await test.load(MixedRecords.records(count: 2_000, seed: 1))
            let before = Count(test)
            var options = BackupJob.Options(tool: someTool)
            options.isExact = true
            _ = try await BackupJob(of: test.namespace, client: test.client, to: MemoryVault(), options: options).run()
            let count = Count(test, since: before)
            #expect(count.values == 2_000 && count.bulkGets == 0 && count.lists == 2, "\(count)")
        }
    }
}
