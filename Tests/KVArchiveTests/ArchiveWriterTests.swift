import KVArchive
import Testing

@Suite struct ArchiveWriterTests {
    @Test(arguments: [(0, 1), (30, 2), (500, 3), (3000, 4)])
    func `what is written is read, every byte of it`(_ count: Int, _ seed: UInt64) async throws {
        let lines = count == 0 ? [] : Generate.lines(count, seed: seed)
        let vault = MemoryVault()
        let written = try await write(lines, in: vault, at: "ns/archive", options: .small(frame: 2000, part: 50_000))
        let archive = try await Archive.open(in: vault, at: "ns/archive")
        #expect(archive.manifest == written)
        #expect(archive.manifest.totals.records == lines.count)
        #expect(try await archive.allLines() == lines)
        let report = try await archive.verify()
        #expect(report.damages == [])
        #expect(report.recordsRead == lines.count)
        #expect(report.partsSound == archive.parts.count)
        #expect(report.filesChecked == archive.parts.count + 4)
    }

    @Test func `at least ten thousand records keep key, value, metadata and expiration`() async throws {
        let lines = Generate.lines(12_000, seed: 7)
        let vault = MemoryVault()
        try await write(lines, in: vault, at: "a", options: .small(frame: 60_000, part: 500_000), batch: 999)
        let archive = try await Archive.open(in: vault, at: "a")
        var index = 0
        try await archive.forEachBatch { batch in
            for line in batch {
                #expect(line.record == lines[index].record)
                index += 1
            }
        }
        #expect(index == lines.count)
        #expect(archive.parts.count > 3)
    }

    @Test func `the same records give the same files, whatever the batches and the compressors`() async throws {
        let lines = Generate.lines(400, seed: 5)
        let one = MemoryVault()
        let other = MemoryVault()
        var options = ArchiveOptions.small()
        try await write(lines, in: one, at: "a", options: options, batch: 1)
        options.compressorCount = 3
        try await write(lines, in: other, at: "a", options: options, batch: 1000)
        #expect(one.files == other.files)
    }

    @Test func `frames and parts end before the line that would be too much`() async throws {
        let vault = MemoryVault()
        let records = lines("a", "b", "c", "d", "e")
        let size = records[0].text.count + 1
        try await write(records, in: vault, at: "a", options: .small(frame: 2 * size, part: 3 * size))
        let parts = try await Archive.open(in: vault, at: "a").parts
        #expect(parts.map(\.frames) == [2, 1])
        #expect(parts.map(\.records) == [3, 2])
        #expect(parts.map { $0.firstKey.string } == ["a", "d"])
        #expect(parts.map { $0.lastKey.string } == ["c", "e"])
    }

    @Test func `a line larger than a frame and a part is a frame and a part of its own`() async throws {
        let vault = MemoryVault()
        try await write(lines("a", "b", "c"), in: vault, at: "a", options: .small(frame: 1, part: 1))
        let archive = try await Archive.open(in: vault, at: "a")
        #expect(archive.parts.map(\.records) == [1, 1, 1])
        #expect(try await archive.verify().isSound)
    }

    @Test func `the totals count what is in the records`() async throws {
        var totals = ArchiveTotals()
        let vault = MemoryVault()
        let records = [
            KVRecord(key: "a", text: "é\n", expiration: UnixTime(seconds: 50)),
            KVRecord(key: "b", value: [0xFF, 0xFE], metadata: try KVMetadata(json: "1.0")),
            KVRecord(key: "c", text: "", expiration: UnixTime(seconds: 40)),
        ]
        _ = try await withArchiveWriter(in: vault, at: "a", options: .small()) { writer in
            try await writer.append(records.map { RecordLine($0) })
            totals = writer.totals
            return .fixed
        }
        #expect(totals.records == 3)
        #expect(totals.valueBytes == 5)
        #expect(totals.base64Values == 1)
        #expect(totals.recordsWithMetadata == 1)
        #expect(totals.recordsWithExpiration == 2)
        #expect(totals.earliestExpiration == UnixTime(seconds: 40))
        #expect(totals.rawBytes == records.reduce(0) { $0 + RecordLine($1).text.count + 1 })
    }

    @Test(arguments: [["b", "a"], ["a", "a"], ["e\u{301}", "e"], ["\u{10000}", "\u{FFFF}"]])
    func `keys out of order are refused and nothing stays`(_ keys: [String]) async throws {
        let vault = MemoryVault()
        let lines = keys.map { RecordLine(KVRecord(key: KVKey($0), text: "")) }
        await #expect { try await write(lines, in: vault, at: "a", batch: 1) } throws: {
            ArchiveError.Code.outOfOrder ~= $0
        }
        #expect(vault.files.isEmpty)
    }

    @Test func `an error of the caller is passed on and nothing stays`() async throws {
        struct Interrupted: Error {}
        let vault = MemoryVault()
        vault.files = ["ns/other": [1]]
        await #expect(throws: Interrupted.self) {
            _ = try await withArchiveWriter(in: vault, at: "ns/a", options: .small(frame: 1, part: 1)) { writer in
                try await writer.append(lines("a", "b", "c", "d", "e", "f"))
                throw Interrupted()
            }
        }
        #expect(vault.files == ["ns/other": [1]])
    }

    @Test func `a failure that the caller swallows does not become an archive`() async throws {
        let vault = MemoryVault()
        await #expect {
            _ = try await withArchiveWriter(in: vault, at: "a", options: .small()) { writer in
                try? await writer.append(lines("b", "a"))
                return .fixed
            }
        } throws: { ArchiveError.Code.misuse ~= $0 }
        #expect(vault.files.isEmpty)
    }

    @Test func `a path that is taken is refused and left alone`() async throws {
        let vault = MemoryVault()
        try await write(lines("a"), in: vault, at: "x")
        let before = vault.files
        await #expect { try await write(lines("b"), in: vault, at: "x") } throws: { ArchiveError.Code.exists ~= $0 }
        #expect(vault.files == before)
    }

    @Test func `a cancelled job leaves nothing`() async throws {
        let vault = MemoryVault()
        let task = Task {
            _ = try await withArchiveWriter(in: vault, at: "a", options: .small(frame: 1, part: 1)) { writer in
                try await writer.append(lines("a", "b", "c", "d"))
                withUnsafeCurrentTask { $0?.cancel() }
                try Task.checkCancellation()
                return .fixed
            }
        }
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(vault.files.isEmpty)
    }

    @Test func `the manifest comes last`() async throws {
        let vault = OrderVault()
        try await write(lines("a", "b"), in: vault, at: "x", options: .small(frame: 1, part: 1))
        #expect(
            vault.order.names == [
                "x/part-000000.ndjson.zst", "x/part-000001.ndjson.zst", "x/parts.ndjson", "x/RESTORE.txt",
                "x/SHA256SUMS", "x/manifest.json",
            ])
    }
}
