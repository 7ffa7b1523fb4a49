import KVArchive
import Testing

@Suite struct ArchiveLookupTests {
    @Test func `every record is found by its key, and no other key is`() async throws {
        let vault = MemoryVault()
        let lines = Generate.lines(500, seed: 21)
        try await write(lines, in: vault, at: "a", options: .small(frame: 1500, part: 20_000))
        let archive = try await Archive.open(in: vault, at: "a")
        for line in lines { #expect(try await archive.record(for: line.key) == line) }
        for line in lines {
            let other = KVKey(line.key.string + "\u{0}")
            #expect(try await archive.record(for: other) == lines.first { $0.key == other })
        }
        #expect(try await archive.record(for: "") == nil)
        #expect(try await archive.record(for: "\u{10FFFF}\u{10FFFF}") == nil)
    }

    @Test(arguments: ["", "key:", "key:1", "a", "\u{0}", "zzz", "😀"])
    func `a prefix gives what filtering gives`(_ prefix: String) async throws {
        let vault = MemoryVault()
        let lines = Generate.lines(500, seed: 22)
        try await write(lines, in: vault, at: "a", options: .small(frame: 1500, part: 5000))
        let archive = try await Archive.open(in: vault, at: "a")
        let prefix = KVKey(prefix)
        #expect(try await archive.allLines(prefix: prefix) == lines.filter { $0.key.hasPrefix(prefix) })
    }

    @Test func `parts that cannot hold a prefix are not read`() async throws {
        let vault = MemoryVault()
        try await write(lines("a", "b1", "b2", "c"), in: vault, at: "a", options: .small(frame: 1, part: 1))
        vault.files["a/part-000000.ndjson.zst"] = nil
        vault.files["a/part-000003.ndjson.zst"] = nil
        let archive = try await Archive.open(in: vault, at: "a")
        #expect(try await archive.allLines(prefix: "b").map(\.key) == ["b1", "b2"])
        #expect(try await archive.record(for: "b2")?.key == "b2")
    }

    @Test func `batches are bounded`() async throws {
        let vault = MemoryVault()
        let small = (0..<2500).map { RecordLine(KVRecord(key: KVKey("k\(10_000 + $0)"), text: "v")) }
        let large = (0..<4).map { index in
            RecordLine(KVRecord(key: KVKey("l\(index)"), value: Array(repeating: 0x61, count: 400_000)))
        }
        try await write(small + large, in: vault, at: "a", options: ArchiveOptions(), batch: 5000)
        var sizes: [Int] = []
        try await Archive.open(in: vault, at: "a").forEachBatch { sizes.append($0.count) }
        #expect(sizes.first == 1000)
        #expect(sizes.allSatisfy { $0 <= 1000 && $0 > 0 })
        #expect(sizes.last.map { $0 <= 2 } == true)
        #expect(sizes.reduce(0, +) == 2504)
    }

    @Test func `the caller's error ends the reading and is passed on`() async throws {
        struct Enough: Error {}
        let vault = MemoryVault()
        try await write(lines("a", "b"), in: vault, at: "a", options: .small(frame: 1, part: 1))
        let archive = try await Archive.open(in: vault, at: "a")
        var batches = 0
        await #expect(throws: Enough.self) {
            try await archive.forEachBatch { _ in
                batches += 1
                throw Enough()
            }
        }
        #expect(batches == 1)
    }
}
