import Foundation
import KVModel
import KVTestSupport
import Testing

/// The generators that other tests stand on keep their own promises.
@Suite struct EdgeRecordsTests {
    @Test(arguments: Seed.several(3)) func `records are sorted, unique and such that KV accepts them`(seed: Seed) {
        let records = EdgeRecords.records(count: 3000, seed: seed.value)
        #expect(records.count == 3000)
        for (one, next) in zip(records, records.dropFirst()) { #expect(one.key < next.key) }
        for record in records {
            #expect(record.key.problem == nil)
            #expect(record.metadata.map(\.isTooLong) != true)
            #expect(record.expiration.map { $0.seconds >= 4_102_444_800 } != false)
        }
        #expect(Set(EdgeRecords.keys).isSubset(of: Set(records.map(\.key))))
        #expect(EdgeRecords.records(count: 3000, seed: seed.value) == records)
        #expect(EdgeRecords.records(count: 3000, seed: seed.value &+ 1) != records)
    }

    @Test func `the edges are met often enough to matter`() {
        let records = EdgeRecords.records(count: 3000, seed: 1)
        let values = Set(records.map(\.value))
        #expect(EdgeRecords.values.filter { !values.contains($0) }.isEmpty)
        let metadata = Set(records.compactMap { $0.metadata?.text })
        #expect(EdgeRecords.metadataTexts.filter { !metadata.contains($0) }.isEmpty)
        #expect(records.contains { $0.metadata?.json.count == KVLimits.metadataBytes })
        #expect(records.count { $0.expiration != nil } > 500)
        #expect(records.count { RecordLine($0).isBase64 } > 500)
    }

    @Test func `each edge key stands once`() { #expect(Set(EdgeRecords.keys).count == EdgeRecords.keys.count) }

    @Test func `a command's large output arrives whole`() async throws {
        let input = [UInt8](repeating: 0x61, count: 5_000_000)
        let outcome = try await CommandRunner.run("sh", ["-c", "tee /dev/stderr; exit 7"], input: input)
        #expect(outcome.status == 7 && !outcome.wasSignalled)
        #expect(outcome.output == input && outcome.errorOutput == input)
        #expect(throws: CommandRunner.Failure.self) { try CommandRunner.requireTool("no-such-tool") }
    }

    @Test func `a temporary folder is gone afterwards, also after an error`() throws {
        struct Stop: Error {}
        var path = ""
        #expect(throws: Stop.self) {
            try withTemporaryFolder { folder in
                path = folder.path
                #expect(try folder.checkResourceIsReachable())
                throw Stop()
            }
        }
        #expect(!path.isEmpty && !FileManager.default.fileExists(atPath: path))
    }
}
