import KVArchive
import KVTestSupport
import Testing

/// How much of an archive a check looks at.
@Suite struct VerificationDepthTests {
    private static func archive() async throws -> MemoryVault {
        let vault = MemoryVault()
        let lines = (0..<200).map { RecordLine(KVRecord(key: KVKey("key:\(100 + $0)"), text: "value of \($0)")) }
        try await write(lines, in: vault, at: "x", options: .small(frame: 120, part: 500))
        return vault
    }

    @Test func `a quick check finds files that are missing, cut, too many or changed among the small ones`()
        async throws
    {
        let vault = try await Self.archive()
        let files = vault.files
        func codes() async throws -> [ArchiveError.Code] {
            defer { vault.files = files }
            do {
                return try await Archive.open(in: vault, at: "x").verify(.quick).damages.map(\.code)
            } catch let error as ArchiveError {
                return [error.code]
            }
        }
        #expect(try await codes() == [])
        vault.files["x/part-000003.ndjson.zst"] = nil
        #expect(try await codes() == [.missingFile])
        vault.files["x/part-000003.ndjson.zst"]?.removeLast()
        #expect(try await codes() == [.wrongSize])
        vault.files["x/part-000999.ndjson.zst"] = [1]
        #expect(try await codes() == [.strangeFile])
        for name in ["manifest.json", "parts.ndjson", "RESTORE.txt", "SHA256SUMS"] {
            vault.files["x/\(name)"]?[10] ^= 1
            #expect(try await !codes().isEmpty, "\(name)")
        }
    }

    @Test func `a quick check reads no part`() async throws {
        let vault = try await Self.archive()
        let counting = CountingVault(vault)
        let report = try await Archive.open(in: counting, at: "x").verify(.quick)
        #expect(report.isSound && report.partsChecked.isEmpty && report.recordsRead == 0)
        #expect(!counting.bytesRead.keys.contains { $0.contains("part-") })
    }

    @Test func `a sample reads as many parts as the share says, at least one, and finds what is wrong in them`()
        async throws
    {
        let vault = try await Self.archive()
        let archive = try await Archive.open(in: vault, at: "x")
        let count = archive.parts.count
        try #require(count > 10)
        var generator = SeededGenerator(seed: 1)
        var seen: Set<Int> = []
        for _ in 0..<200 {
            let depth = VerificationDepth.sample(0.1, of: count, using: &generator)
            let report = try await archive.verify(depth)
            #expect(report.isSound)
            #expect(report.partsChecked.count == (count + 9) / 10)
            seen.formUnion(report.partsChecked)
        }
        #expect(seen.count == count)
        #expect(VerificationDepth.sample(0.0001, of: count, using: &generator) != .parts([]))
        #expect(VerificationDepth.sample(1, of: 3, using: &generator) == .parts([0, 1, 2]))
        vault.files["x/part-000003.ndjson.zst"]?[20] ^= 1
        #expect(try await archive.verify(.parts([1, 2])).isSound)
        #expect(try await !archive.verify(.parts([3])).isSound)
    }

    @Test func `a full check reads each part once`() async throws {
        let vault = try await Self.archive()
        let counting = CountingVault(vault)
        #expect(try await Archive.open(in: counting, at: "x").verify().isSound)
        for (name, bytes) in vault.files where name.contains("part-") {
            // Key index and seek table are read once more, from the end.
            #expect(counting.bytesRead[name, default: 0] < 2 * bytes.count)
        }
    }
}
