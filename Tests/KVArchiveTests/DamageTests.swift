import KVArchive
import Testing

/// Whatever happens to an archive's files is found.
@Suite struct DamageTests {
    /// A small archive of several frames and parts.
    private func files() async throws -> [String: [UInt8]] {
        let vault = MemoryVault()
        let records = [
            RecordLine(KVRecord(key: "a", text: "1", metadata: try KVMetadata(json: "1.0"))),
            RecordLine(KVRecord(key: "b", value: [0xFF], expiration: UnixTime(seconds: 1_893_456_000))),
            RecordLine(KVRecord(key: "c", text: "three")), RecordLine(KVRecord(key: "d", text: "")),
        ]
        try await write(records, in: vault, at: "x", options: .small(frame: 60, part: 120))
        return vault.files
    }

    /// What is found in an archive of these files: the code of opening's refusal, or the damages.
    private static func findings(_ files: [String: [UInt8]]) async throws -> [ArchiveError.Code] {
        let vault = MemoryVault()
        vault.files = files
        do {
            return try await Archive.open(in: vault, at: "x").verify().damages.map(\.code)
        } catch let error as ArchiveError {
            return [error.code]
        }
    }

    @Test func `every flipped bit of every file is found`() async throws {
        let files = try await files()
        #expect(try await Self.findings(files) == [])
        #expect(files.count == 6)
        let missed = try await withThrowingTaskGroup(of: [String].self) { group in
            for (name, bytes) in files {
                group.addTask {
                    var missed: [String] = []
                    for bit in 0..<bytes.count * 8 {
                        var damaged = files
                        damaged[name]?[bit / 8] ^= 1 << UInt8(bit % 8)
                        if try await Self.findings(damaged).isEmpty { missed.append("\(name) bit \(bit)") }
                    }
                    return missed
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        #expect(missed == [])
    }

    @Test func `every truncation of every file is found`() async throws {
        let files = try await files()
        for (name, bytes) in files {
            for length in 0..<bytes.count {
                var damaged = files
                damaged[name] = Array(bytes[..<length])
                #expect(try await !Self.findings(damaged).isEmpty, "\(name) cut to \(length) bytes")
            }
        }
    }

    @Test func `a byte more at the end of any file is found`() async throws {
        let files = try await files()
        for name in files.keys {
            for byte in [UInt8(0), 0x0A, 0x20] {
                var damaged = files
                damaged[name]?.append(byte)
                #expect(try await !Self.findings(damaged).isEmpty, "\(name) with \(byte) appended")
            }
        }
    }

    @Test func `every missing file is found`() async throws {
        let files = try await files()
        for name in files.keys {
            var damaged = files
            damaged[name] = nil
            let findings = try await Self.findings(damaged)
            #expect(findings.contains(name == "x/manifest.json" ? .incomplete : .missingFile), "\(name) missing")
        }
    }

    @Test(arguments: ["x/part-000002.ndjson.zst", "x/.hidden", "x/notes.txt", "x/sub/file"])
    func `a file too many is found`(_ name: String) async throws {
        var files = try await files()
        files[name] = [1]
        #expect(try await Self.findings(files) == [.strangeFile])
    }

    @Test func `swapped parts are found`() async throws {
        var files = try await files()
        let first = files["x/part-000000.ndjson.zst"]
        files["x/part-000000.ndjson.zst"] = files["x/part-000001.ndjson.zst"]
        files["x/part-000001.ndjson.zst"] = first
        #expect(try await !Self.findings(files).isEmpty)
    }

    @Test func `damage names the frame and the keys, and the parts after it are read`() async throws {
        let vault = MemoryVault()
        try await write(
            lines("a", "b", "c", "d", "e", "f"), in: vault, at: "x", options: .small(frame: 1, part: 100))
        let archive = try await Archive.open(in: vault, at: "x")
        #expect(archive.parts.map(\.records) == [3, 3])
        // The second frame starts where the first one, all of the same size but for the letter, ends.
        let name = "x/part-000000.ndjson.zst"
        let bytes = try #require(vault.files[name])
        let second = try #require(
            bytes.indices.dropFirst().first { bytes[$0...].starts(with: [0x28, 0xB5, 0x2F, 0xFD]) })
        vault.files[name]?[second + 15] ^= 1
        let report = try await archive.verify()
        let damage = try #require(report.damages.first { $0.code == .malformedFrame || $0.code == .malformedRecord })
        #expect(damage.file == "part-000000.ndjson.zst")
        #expect(damage.frame == 1)
        #expect(damage.keys == KeyRange(after: "a", through: "c"))
        #expect(report.partsSound == 1)
        await #expect { try await archive.allLines() } throws: { ($0 as? ArchiveError)?.frame == 1 }
        #expect(try await archive.record(for: "c")?.key == "c")
    }

    @Test func `a part whose frames are sound but whose hash is not is refused at its end`() async throws {
        let vault = MemoryVault()
        try await write(lines("a"), in: vault, at: "x")
        let name = "x/part-000000.ndjson.zst"
        // In the key index, which reading all records passes over.
        let bytes = try #require(vault.files[name])
        let index = try #require(bytes.indices.last { bytes[$0...].starts(with: Array("firstKey".utf8)) })
        vault.files[name]?[index] ^= 1
        let archive = try await Archive.open(in: vault, at: "x")
        await #expect { try await archive.allLines() } throws: { ArchiveError.Code.wrongHash ~= $0 }
    }
}
