import KVArchive
import Testing

/// What can still be read of damaged archives, and what is said of the rest.
@Suite struct SalvageTests {
    private static let keys = (0..<40).map { KVKey("key:\(100 + $0)") }

    /// An archive of 40 records in frames of some two and parts of some ten.
    private static func archive() async throws -> MemoryVault {
        let vault = MemoryVault()
        let lines = keys.map { RecordLine(KVRecord(key: $0, text: "value of \($0)")) }
        try await write(lines, in: vault, at: "x", options: .small(frame: 120, part: 500))
        return vault
    }

    private static func salvage(_ vault: MemoryVault) async throws -> (keys: [KVKey], report: SalvageReport) {
        var lines: [RecordLine] = []
        let report = try await ArchiveSalvage(in: vault, at: "x").run { lines += $0 }
        #expect(report.records == lines.count)
        for line in lines { #expect(line.record.value == Array("value of \(line.key)".utf8)) }
        return (lines.map(\.key), report)
    }

    @Test func `all of a sound archive is read`() async throws {
        let (keys, report) = try await Self.salvage(try await Self.archive())
        #expect(keys == Self.keys)
        #expect(report.isComplete && report.recordsLost == 0)
    }

    @Test func `a flipped bit costs the records of its frame at the most, and is reported with their keys`()
        async throws
    {
        let vault = try await Self.archive()
        let files = vault.files
        let name = "x/part-000001.ndjson.zst"
        let part = try #require(files[name])
        let index = try #require(try await Archive.open(in: vault, at: "x").parts.dropFirst().first)
        let dataBytes = part.count - 200
        for bit in 0..<part.count * 8 {
            var damaged = part
            damaged[bit / 8] ^= 1 << UInt8(bit % 8)
            vault.files = files.merging([name: damaged]) { $1 }
            let (keys, report) = try await Self.salvage(vault)
            let lost = Set(Self.keys).subtracting(keys)
            #expect(lost.count <= 3, "bit \(bit): \(lost)")
            #expect(keys == keys.sorted(), "bit \(bit)")
            guard bit / 8 < dataBytes, !lost.isEmpty else { continue }
            #expect(lost.allSatisfy { $0 >= index.firstKey && $0 <= index.lastKey })
            #expect(report.losses.contains { loss in lost.allSatisfy { Self.holds(loss.keys, $0) } }, "bit \(bit)")
            #expect(report.recordsLost == lost.count, "bit \(bit)")
        }
    }

    private static func holds(_ range: KeyRange?, _ key: KVKey) -> Bool {
        guard let range else { return false }
        return (range.after.map { $0 < key } ?? true) && (range.before.map { key < $0 } ?? true)
    }

    @Test func `a part that was cut gives what stands before the cut`() async throws {
        let vault = try await Self.archive()
        let files = vault.files
        let name = "x/part-000000.ndjson.zst"
        let part = try #require(files[name])
        var most = 0
        for length in 0..<part.count {
            vault.files = files.merging([name: Array(part[..<length])]) { $1 }
            let (keys, report) = try await Self.salvage(vault)
            #expect(keys.suffix(20) == Self.keys.suffix(20)[...])
            #expect(keys.count >= most, "cut at \(length)")
            most = keys.count
            let lost = Self.keys.count - keys.count
            #expect(report.recordsLost == lost && (lost == 0 || !report.isComplete))
        }
        #expect(most == Self.keys.count)
    }

    @Test(arguments: ["manifest.json", "parts.ndjson", "SHA256SUMS", "RESTORE.txt"])
    func `the files beside the parts are not needed`(file: String) async throws {
        let vault = try await Self.archive()
        vault.files["x/\(file)"] = nil
        #expect(try await Self.salvage(vault).keys == Self.keys)
        vault.files["x/\(file)"] = Array("nonsense".utf8)
        #expect(try await Self.salvage(vault).keys == Self.keys)
    }

    @Test func `a missing part is named with the keys around it`() async throws {
        let vault = try await Self.archive()
        vault.files["x/part-000001.ndjson.zst"] = nil
        let (keys, report) = try await Self.salvage(vault)
        let loss = try #require(report.losses.first)
        #expect(loss.file == "part-000001.ndjson.zst" && report.losses.count == 1)
        #expect(Set(Self.keys).subtracting(keys).allSatisfy { Self.holds(loss.keys, $0) })
    }

    @Test func `a folder without parts of an archive is an error`() async throws {
        let vault = MemoryVault()
        try await vault.write([0x31], to: "x/notes.txt")
        await #expect { try await Self.salvage(vault) } throws: { ArchiveError.Code.notFound ~= $0 }
    }

    @Test func `verify names the keys of every damaged frame, not of the first alone`() async throws {
        let vault = try await Self.archive()
        let name = "x/part-000000.ndjson.zst"
        let part = try #require(vault.files[name])
        let starts = part.indices.filter { part[$0...].starts(with: [0x28, 0xB5, 0x2F, 0xFD]) }
        try #require(starts.count >= 4)
        for start in [starts[1], starts[3]] { vault.files[name]?[start + 20] ^= 1 }
        let damages = try await Archive.open(in: vault, at: "x").verify().damages
        #expect(damages.contains { $0.keys?.after == "key:101" && $0.keys?.before == "key:104" }, "\(damages)")
        #expect(damages.contains { $0.keys?.after == "key:105" && $0.keys?.before == "key:108" }, "\(damages)")
    }
}
