import KVArchive
import KVTestSupport
import Testing

/// Frames of any size, and read in any way, give the same records and the same judgement.
@Suite struct FrameSizeTests {
    /// Enough records for several frames of the usual size, and values that make lines of megabytes.
    private static func records() -> [RecordLine] {
        var generator = SeededGenerator(seed: 7)
        return (0..<3_000).map { number in
            let count = number % 500 == 0 ? 3_000_000 : Int.random(in: 0...4_000, using: &generator)
            let value = (0..<count / 8).flatMap { _ in withUnsafeBytes(of: generator.next(), Array.init) }
            let isText = number % 3 > 0
            return RecordLine(
                KVRecord(
                    key: KVKey("key \"\(100_000 + number)"), value: isText ? value.map { $0 & 0x7F } : value,
                    expiration: number % 5 == 0 ? UnixTime(seconds: 4_102_444_800) : nil))
        }
    }

    @Test(arguments: [100_000, 4 << 20, 16 << 20]) func `all records are read`(frameBytes: Int) async throws {
        let records = Self.records()
        let vault = MemoryVault()
        try await write(records, in: vault, at: "x", options: .small(frame: frameBytes, part: 20 << 20), batch: 100)
        let archive = try await Archive.open(in: vault, at: "x")
        #expect(archive.parts.count > 1)
        #expect(try await archive.allLines() == records)
        let report = try await archive.verify()
        #expect(report.isSound && report.recordsRead == records.count, "\(report.damages)")
        #expect(try await archive.record(for: records[2_999].key) == records[2_999])
    }

    @Test(arguments: [1, 2, 400, 3_000]) func `a segment is a whole frame, however many pieces it is made of`(
        count: Int
    ) async throws {
        try await withTemporaryFolder { folder in
            let vault = FolderVault(path: folder)
            let records = Array(Self.records().prefix(count))
            let segment = try await RecordSegment.write(records, as: "s.zst", in: vault, at: "x")
            var read: [RecordLine] = []
            try await RecordSegment.read(segment, in: vault, at: "x") { read += $0 }
            #expect(read == records)
            let listed = try bash("zstd -dqc x/s.zst > raw && wc -c < raw && zstd -lv x/s.zst", in: folder)
            #expect(listed.status == 0)
            #expect(listed.output.hasPrefix("\(segment.rawBytes)\n"), "\(listed.output)")
            #expect(listed.output.contains("(\(segment.rawBytes) B)"), "\(listed.output)")
        }
    }

    /// What `zstd` makes of a pipe does not say how much is in it.
    @Test func `frames that do not announce their size are read piece by piece`() async throws {
        try await withTemporaryFolder { folder in
            let vault = FolderVault(path: folder)
            let records = Self.records()
            try await write(records, in: vault, at: "x", options: .small(frame: 30 << 20, part: 60 << 20))
            let script = """
                cd x; for part in part-*.zst; do
                    frame=$(wc -c < $part); zstd -dc $part | zstd -c > new; mv new $part; size=$(wc -c < $part)
                    digest=$(sha256sum $part | cut -c1-64)
                    jq -c "if .name == \\"$part\\" then .bytes = $size | .sha256 = \\"$digest\\" | .frames = 1 else . end" \
                        parts.ndjson > new; mv new parts.ndjson
                done
                jq --arg digest $(sha256sum parts.ndjson | cut -c1-64) --argjson bytes $(cat part-*.zst | wc -c) \
                    '.parts.sha256 = $digest | .totals.compressedBytes = $bytes' manifest.json > new; mv new manifest.json
                sha256sum manifest.json parts.ndjson part-*.zst RESTORE.txt > SHA256SUMS
                """
            let made = try bash(script, in: folder)
            #expect(made.status == 0, "\(made.output)")
            let archive = try await Archive.open(in: vault, at: "x")
            #expect(archive.parts.allSatisfy { $0.frames == 1 })
            #expect(try await archive.allLines() == records)
            let report = try await archive.verify()
            #expect(report.recordsRead == records.count)
        }
    }

    @Test(arguments: [50_000, 16 << 20])
    func `damage in any frame is named by frame and keys, whatever was read ahead`(frameBytes: Int) async throws {
        let records = Self.records()
        let vault = MemoryVault()
        try await write(records, in: vault, at: "x", options: .small(frame: frameBytes, part: 20 << 20), batch: 100)
        let archive = try await Archive.open(in: vault, at: "x")
        let sound = vault.files
        for part in archive.parts {
            let name = "x/\(part.name)"
            for share in [0, 1, 5, 9] {
                vault.files = sound
                vault.files[name]?[20 + part.bytes * share / 10] ^= 0x10
                var last: KVKey?
                do {
                    try await archive.forEachBatch { lines in last = lines.last?.key }
                    Issue.record("\(name) at \(share)/10")
                } catch let error as ArchiveError {
                    #expect(error.file == part.name && error.keys?.through == part.lastKey, "\(error)")
                    // Damage behind the frames shows when all records have been read.
                    let before = last.flatMap { part.firstKey <= $0 ? $0 : nil }
                    #expect(error.code == .wrongHash || error.keys?.after == before, "\(error)")
                    #expect(error.code == .wrongHash || error.frame != nil, "\(error)")
                }
                let report = try await archive.verify()
                #expect(report.damages.first?.file == part.name && report.partsSound == archive.parts.count - 1)
            }
        }
    }
}
