import KVTestSupport
import KVTransfer
import Testing

/// Restores of records that expire too soon for the API to take them.
@Suite struct ExpiringTests {
    private static let now: Int64 = 2_000_000_000
    private static let records = [
        KVRecord(key: "late", value: [0x31], expiration: UnixTime(seconds: now + 10_000)),
        KVRecord(key: "soon", value: [0x32], expiration: UnixTime(seconds: now + 1_030)),
        KVRecord(key: "stays", value: [0x33]),
    ]

    /// Restores when "soon" has 30 seconds left; the restored records, by key, and the report.
    private static func restored(
        _ expiring: ExpiringRecords
    ) async throws -> (records: [KVRecord], report: ReplayReport?, error: (any Error)?) {
        let clock = SettableClock(now)
        return try await TestServer.withServer(now: { clock.time }) { test in
            try await test.load(records)
            let archive = try await test.backUp().archive
            clock.set(now + 1_000)
            let target = try await test.client.createNamespace(title: "target")
            var options = ReplayJob.Options()
            options.expiring = expiring
            let job = ReplayJob(of: ArchiveRecordSource(archive), to: target, client: test.client, options: options) {
                clock.time
            }
            var report: ReplayReport?
            let error = await failure { report = try await job.run() }
            return (try await test.recordsReadOneByOne(in: target), report, error)
        }
    }

    @Test func `they are left out and named`() async throws {
        let (records, report, error) = try await Self.restored(.skip)
        #expect(error == nil)
        #expect(records == [Self.records[0], Self.records[2]])
        #expect(report?.expired == 1 && report?.expiredKeys == ["soon"])
    }

    @Test func `they live a little longer`() async throws {
        let (records, report, error) = try await Self.restored(.extend)
        #expect(error == nil)
        var expected = Self.records
        expected[1].expiration = UnixTime(seconds: Self.now + 1_090)
        #expect(records == expected)
        #expect(report?.extended == 1 && report?.expired == 0)
    }

    @Test func `they end the restore before anything is written`() async throws {
        let (records, _, error) = try await Self.restored(.fail)
        #expect((error as? TransferError)?.code == .recordsExpiring)
        #expect(records.isEmpty)
    }
}
