import Foundation
import KVArchive
import Testing

/// Archives that lie are refused with a code, and without harm.
@Suite struct HostileArchiveTests {
    private static let sound = "{\"key\":\"a\",\"value\":\"1\"}\n{\"key\":\"c\",\"value\":\"3\"}\n"

    /// Opens and reads everything; the code of what is thrown, or `nil`.
    private func refusal(_ archive: HandMade) async throws -> ArchiveError.Code? {
        do {
            _ = try await Archive.open(in: archive.vault(), at: "x").allLines()
            return nil
        } catch let error as ArchiveError {
            return error.code
        }
    }

    @Test func `the archive from which the others are made is read`() async throws {
        #expect(try await refusal(HandMade(Self.sound)) == nil)
    }

    @Test(arguments: [
        ("\"kvark-archive\"", "\"other\"", ArchiveError.Code.notAnArchive),
        ("\"major\": 1", "\"major\": 2", .unsupportedVersion),
        ("\"major\": 1", "\"major\": 0", .unsupportedVersion),
        ("\"requires\": []", "\"requires\": [\"sealed\"]", .unsupportedFeature),
        ("\"kind\": \"full\"", "\"kind\": \"delta\"", .malformedManifest),
        ("\"records\": 2", "\"records\": 3", .contradiction),
        ("\"records\": 2", "\"records\": -2", .malformedManifest),
        ("\"records\": 2", "\"records\": 99999999999999999999", .malformedManifest),
        ("\"records\": 2", "\"records\": \"2\"", .malformedManifest),
        ("\"rawBytes\": ", "\"rawBytes\": 1", .contradiction),
        ("\"count\": 1", "\"count\": 9000000000000000000", .contradiction),
        ("1970-01-01T00:00:01Z", "1970-02-30T00:00:01Z", .malformedManifest),
        ("1970-01-01T00:00:01Z", "yesterday", .malformedManifest),
        ("\"sha256\": \"", "\"sha256\": \"../", .malformedManifest),
        ("\"id\"", "\"ID\"", .malformedManifest),
        ("{", "", .malformedManifest),
    ]) func `a manifest that cannot be true is refused`(
        _ old: String, _ new: String, _ code: ArchiveError.Code
    ) async throws {
        var archive = HandMade(Self.sound)
        archive.replacements = [(old, new)]
        #expect(try await refusal(archive) == code)
    }

    @Test func `a later minor version and unknown members are read`() async throws {
        var archive = HandMade(Self.sound)
        archive.replacements = [("\"minor\": 0", "\"minor\": 7"), ("\"id\":", "\"later\": {\"x\": [1]}, \"id\":")]
        #expect(try await refusal(archive) == nil)
    }

    @Test(arguments: [
        "../part-000000.ndjson.zst", "/etc/passwd", "part-000001.ndjson.zst", "manifest.json", "a/../b", "",
        "part-0000000.ndjson.zst", "part-000000.ndjson.zst\\u0000",
    ]) func `a part has one name only`(_ name: String) async throws {
        var archive = HandMade(Self.sound)
        archive.parts[0].name = name
        #expect(try await refusal(archive) == .unsafeName)
    }

    @Test(arguments: [
        ("{\"key\":\"a\",\"value\":\"1\"}\n{\"key\":\"a\",\"value\":\"1\"}\n", ArchiveError.Code.outOfOrder),
        ("{\"key\":\"c\",\"value\":\"1\"}\n{\"key\":\"a\",\"value\":\"1\"}\n", .outOfOrder),
        ("{\"key\":\"a\", \"value\":\"1\"}\n{\"key\":\"c\",\"value\":\"1\"}\n", .malformedRecord),
        ("{\"key\":\"a\",\"value\":\"\\/\"}\n{\"key\":\"c\",\"value\":\"1\"}\n", .malformedRecord),
        ("{\"key\":\"a\",\"value\":\"1\"}\r\n{\"key\":\"c\",\"value\":\"1\"}\n", .malformedRecord),
        ("\u{FEFF}{\"key\":\"a\",\"value\":\"1\"}\n{\"key\":\"c\",\"value\":\"1\"}\n", .malformedRecord),
        ("\n{\"key\":\"c\",\"value\":\"1\"}\n", .malformedRecord),
        ("{\"key\":\"a\",\"value\":\"1\"}\n{\"key\":\"c\",\"value\":\"1\"}", .malformedFrame),
    ]) func `lines that no writer writes are refused`(_ text: String, _ code: ArchiveError.Code) async throws {
        var archive = HandMade(text)
        archive.parts[0].records = 2
        if code == .outOfOrder { archive.parts[0].firstKey = text.hasPrefix("{\"key\":\"c") ? "c" : "a" }
        archive.parts[0].lastKey = "c"
        #expect(try await refusal(archive) == code)
    }

    @Test func `a part that holds other than it says is refused`() async throws {
        func changed(_ change: (inout HandMade.Part) -> Void) async throws -> ArchiveError.Code? {
            var archive = HandMade(Self.sound)
            change(&archive.parts[0])
            return try await refusal(archive)
        }
        #expect(try await changed { $0.records = 1 } == .contradiction)
        #expect(try await changed { $0.records = 3 } == .contradiction)
        #expect(try await changed { $0.records = 4_000_000_000 } == .contradiction)
        #expect(try await changed { $0.firstKey = "b" } == .contradiction)
        #expect(try await changed { $0.lastKey = "d" } == .contradiction)
        #expect(try await changed { $0.rawBytes += 1 } == .contradiction)
        #expect(try await changed { $0.rawBytes -= 1 } == .tooLarge)
        #expect(try await changed { $0.frames = 2 } == .contradiction)
        #expect(try await changed { $0.firstKey = "d" } == .outOfOrder)
        #expect(try await changed { $0.firstKey = "" } == .malformedParts)
        #expect(try await changed { $0.bytes.append(0) } == .malformedFrame)
        #expect(try await changed { $0.bytes += HandMade.frame([]) } == .contradiction)
        #expect(try await changed { $0.bytes.removeLast() } == .malformedFrame)
    }

    @Test func `totals that overflow are refused`() async throws {
        var archive = HandMade(Self.sound)
        archive.parts[0].rawBytes = 9_000_000_000_000_000_000
        var second = archive.parts[0]
        second.name = "part-000001.ndjson.zst"
        second.firstKey = "d"
        second.lastKey = "e"
        archive.parts.append(second)
        archive.replacements = [("\"rawBytes\": -446744073709551616", "\"rawBytes\": 1")]
        #expect(try await refusal(archive) == .contradiction)
    }

    @Test func `a bomb is refused where it passes the size announced`() async throws {
        var archive = HandMade(Self.sound)
        archive.parts[0].bytes = HandMade.repeating(0x0A, blocks: 100_000)
        #expect(archive.parts[0].bytes.count < 500_000)
        #expect(try await refusal(archive) == .tooLarge)
    }

    @Test func `a line longer than any record is refused`() async throws {
        var archive = HandMade(Self.sound)
        archive.parts[0].bytes = HandMade.repeating(0x20, blocks: 2000)
        archive.parts[0].rawBytes = 2000 * 131_072
        #expect(try await refusal(archive) == .malformedRecord)
    }

    // MARK: Seek table and key index

    private static let index = Array("{\"kvarkKeyIndex\":1}\n{\"firstKey\":\"a\",\"records\":2}\n".utf8)

    private func skippable(_ magic: UInt32, _ content: [UInt8]) -> [UInt8] {
        HandMade.littleEndian(magic) + HandMade.littleEndian(UInt32(content.count)) + content
    }

    private func table(_ entries: [(Int, Int)], count: UInt32? = nil, descriptor: UInt8 = 0) -> [UInt8] {
        let content = entries.flatMap { HandMade.littleEndian(UInt32($0.0)) + HandMade.littleEndian(UInt32($0.1)) }
        let footer =
            HandMade.littleEndian(count ?? UInt32(entries.count)) + [descriptor] + HandMade.littleEndian(0x8F92_EAB1)
        return skippable(0x184D_2A5E, content + footer)
    }

    @Test func `an index made by hand leads to its frame`() async throws {
        let index = skippable(0x184D_2A5B, Self.index)
        let frame = HandMade.frame(Array(Self.sound.utf8)).count
        let archive = HandMade(
            Self.sound, trailer: index + table([(frame, Self.sound.utf8.count), (index.count, 0)]))
        let opened = try await Archive.open(in: archive.vault(), at: "x")
        #expect(try await opened.record(for: "c")?.value == [0x33])
        #expect(try await opened.record(for: "b") == nil)
        #expect(try await !opened.verify().damages.contains { $0.code == .malformedIndex })
    }

    @Test func `a seek table that does not fit is refused, not followed`() async throws {
        let raw = Self.sound.utf8.count
        let frame = HandMade.frame(Array(Self.sound.utf8)).count
        let index = skippable(0x184D_2A5B, Self.index)
        let otherKey = skippable(0x184D_2A5B, Array("{\"kvarkKeyIndex\":1}\n{\"firstKey\":\"b\",\"records\":2}\n".utf8))
        let moreRecords = skippable(
            0x184D_2A5B, Array("{\"kvarkKeyIndex\":1}\n{\"firstKey\":\"a\",\"records\":9223372036854775807}\n".utf8))
        let trailers = [
            table([], count: .max), table([(1, 1)], count: 0x1FFF_FFFF), table([(frame, raw)], count: 0),
            index + table([(frame + 1, raw), (index.count, 0)]), index + table([(frame, raw)]),
            index + table([(frame, raw + 1), (index.count, 0)]),
            index + table([(0, 0), (frame, raw), (index.count - 1, 0)]),
            otherKey + table([(frame, raw), (otherKey.count, 0)]),
            moreRecords + table([(frame, raw), (moreRecords.count, 0)]),
        ]
        for (number, trailer) in trailers.enumerated() {
            let opened = try await Archive.open(in: HandMade(Self.sound, trailer: trailer).vault(), at: "x")
            await #expect("trailer \(number)") { try await opened.record(for: "c") } throws: {
                ArchiveError.Code.malformedIndex ~= $0
            }
            #expect(try await opened.verify().damages.contains { $0.code == .malformedIndex }, "trailer \(number)")
            #expect(try await opened.allLines().count == 2)
        }
    }

    @Test func `a seek table with reserved bits or without key index is passed over`() async throws {
        let frame = HandMade.frame(Array(Self.sound.utf8)).count
        for trailer in [
            table([(frame, Self.sound.utf8.count)]), table([(frame, Self.sound.utf8.count)], descriptor: 0x40),
            skippable(0x184D_2A50, []),
        ] {
            let opened = try await Archive.open(in: HandMade(Self.sound, trailer: trailer).vault(), at: "x")
            #expect(try await opened.record(for: "c")?.key == "c")
        }
    }

    // MARK: Files

    @Test func `links and folders in place of files are not followed`() async throws {
        try await withTemporaryFolder { folder in
            try await write(lines("a"), in: FolderVault(path: folder), at: "ns/a")
            let archive = folder + "/ns/a"
            #expect(
                try bash("mv part-000000.ndjson.zst ../../p; ln -s ../../p part-000000.ndjson.zst", in: archive).status
                    == 0)
            let opened = try await Archive.open(path: archive)
            await #expect { try await opened.allLines() } throws: {
                ArchiveError.Code.missingFile ~= $0
            }
            let codes = Set(try await opened.verify().damages.map(\.code))
            #expect(codes == [.missingFile, .strangeFile])
        }
    }
}
