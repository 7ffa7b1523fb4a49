import KVServer
import KVTestSupport
import KVTransfer
import Testing

@Suite struct JobEstimateTests {
    @Test func `a million small texts`() {
        let size = JobSize(keys: 1_000_000, valueBytes: 200_000_000)
        let read = JobEstimate.reading(size)
        #expect(read.requests == .init(lists: 1_000, bulkReads: 10_000))
        // 11,000 requests at four a second.
        #expect(read.seconds() == 2_750)
        #expect(read.seconds(share: 0.5) == 5_500)
        #expect(abs(read.dollars - 0.505) < 1e-9)
        #expect(read.freeDays == 10)
        let write = JobEstimate.writing(size)
        #expect(write.requests == .init(lists: 1, bulkWrites: 100))
        #expect(abs(write.dollars - 5.000_005) < 1e-9)
        #expect(write.freeDays == 1_000)
        #expect((read + write).requests.total == 11_101)
        #expect((read + write).operations == .init(reads: 1_000_000, writes: 1_000_000, lists: 1_001))
    }

    @Test func `large values and values that are not text take more requests`() {
        // 25 values of a mebibyte fill an answer; 72 of them make two, and the others are read alone.
        let size = JobSize(keys: 80, notText: 8, valueBytes: 80 << 20)
        #expect(JobEstimate.reading(size).requests == .init(lists: 1, bulkReads: 3, singleReads: 8))
        // 83,886,080 bytes and a third of 8 MiB for base64.
        #expect(JobEstimate.writing(size).requests == .init(lists: 1, bulkWrites: 1))
        #expect(JobEstimate.writing(JobSize(keys: 80, notText: 80, valueBytes: 80 << 20)).requests.bulkWrites == 2)
    }

    @Test func `nothing takes a list to find out`() {
        #expect(JobEstimate.reading(JobSize(keys: 0)).requests == .init(lists: 1))
        #expect(JobEstimate.writing(JobSize(keys: 0)).requests == .init(lists: 1))
    }

    @Test func `a backup and a restore take what was estimated`() async throws {
        let records = (0..<12_345).map { KVRecord(key: KVKey("k\($0)"), text: "v") }
        try await TestServer.withServer { test in
            try await test.load(records)
            let before = test.server.requestCounts
            let (archive, _) = try await test.backUp()
            let size = JobSize(keys: records.count, valueBytes: records.count)
            let read = test.server.requestCounts.merging(before) { $0 - $1 }.values.reduce(0, +)
            #expect(read == JobEstimate.reading(size).requests.total)
            let target = try await test.client.createNamespace(title: "target")
            let between = test.server.requestCounts
            _ = try await ReplayJob(of: ArchiveRecordSource(archive), to: target, client: test.client).run()
            let written = test.server.requestCounts.merging(between) { $0 - $1 }.values.reduce(0, +)
            #expect(written == JobEstimate.writing(size).requests.total)
        }
    }
}
