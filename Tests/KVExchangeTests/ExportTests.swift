import Foundation
import KVExchange
import KVTestSupport
import KVTransfer
import Testing

/// What other programs find in the formats that are written.
@Suite struct ExportTests {
    private static let records = EdgeRecords.records(count: 700, seed: 41)

    /// What Python prints of a record: all of it in base64, so that nothing is lost on the way.
    private static func oracleLines(_ records: [KVRecord]) -> [String] {
        records.map { record in
            [
                Data(record.key.utf8), Data(record.value), Data(record.metadata?.json ?? []),
                Data((record.expiration?.description ?? "").utf8),
            ].map { $0.base64EncodedString() }.joined(separator: " ")
        }
    }

    private static let printRecord = """
        import base64, sys
        def show(*fields): print(*[base64.b64encode(f).decode() for f in fields])

        """

    @Test func `python's csv module reads the table`() async throws {
        let written = MemoryWriter()
        let report = try await written.export(Self.records, as: .csv)
        #expect(report == ExportReport(written: 700, leftOut: 0))
        let output = try await CommandRunner.python(
            Self.printRecord + """
                import csv, io
                csv.field_size_limit(1 << 30)
                text = io.TextIOWrapper(sys.stdin.buffer, encoding="utf-8", newline="")
                for row in csv.DictReader(text):
                    value = row["value"].encode()
                    if row["encoding"] == "base64": value = base64.b64decode(value)
                    show(row["key"].encode(), value, row["metadata"].encode(), row["expiration"].encode())
                """, input: written.bytes)
        #expect(firstDifference(Self.lines(output), Self.oracleLines(Self.records)) == nil)
    }

    @Test func `awk's fields are the table's, with four escapes`() async throws {
        let written = MemoryWriter()
        _ = try await written.export(Self.records, as: .tsv)
        let output = try await CommandRunner.python(
            Self.printRecord + """
                import re
                def plain(field): return re.sub(rb"\\\\(.)", lambda m: {b"t": b"\\t", b"n": b"\\n", b"r": b"\\r"}.get(m[1], m[1]), field)
                rows = sys.stdin.buffer.read().split(b"\\n")
                assert rows.pop() == b"" and rows.pop(0) == b"key\\tvalue\\tencoding\\texpiration\\tmetadata"
                for row in rows:
                    key, value, encoding, expiration, metadata = [plain(field) for field in row.split(b"\\t")]
                    if encoding == b"base64": value = base64.b64decode(value)
                    show(key, value, metadata, expiration)
                """, input: written.bytes)
        #expect(firstDifference(Self.lines(output), Self.oracleLines(Self.records)) == nil)
    }

    @Test func `python's sqlite3 module reads the database, whose keys are texts`() async throws {
        try await withTemporaryFolder { folder in
            let path = folder.appending(path: "records.sqlite").path
            let sink = try await ExportFormat.sqlite.sink(toPath: path, chunkRecords: 1)
            _ = try await export(MemorySource(Self.records), to: sink)
            let output = try await CommandRunner.python(
                Self.printRecord + """
                    import sqlite3
                    db = sqlite3.connect(sys.argv[1])
                    assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
                    assert db.execute("SELECT value FROM records WHERE key = 'user:1'").fetchone()
                    def bytes_of(field): return field if isinstance(field, bytes) else str("" if field is None else field).encode()
                    for key, value, metadata, expiration, is_text in db.execute("SELECT * FROM records ORDER BY CAST(key AS BLOB)"):
                        assert isinstance(key, bytes) == (b"\\0" in bytes_of(key))
                        if is_text: value.decode()
                        show(bytes_of(key), value, bytes_of(metadata), bytes_of(expiration))
                    """, [path])
            #expect(firstDifference(Self.lines(output), Self.oracleLines(Self.records)) == nil)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["records.sqlite"])
        }
    }

    @Test func `wrangler's arrays hold what wrangler takes, and the rest is named`() async throws {
        // jq 1.6 refuses escapes of half surrogates, which are JSON and which metadata may hold.
        let records = Self.records.filter { $0.metadata?.text.contains("\\u") != true }
        let fit = records.filter { [nil, 0x7B, 0x5B].contains($0.metadata?.json.first) }
        try await withTemporaryFolder { folder in
            var leftOut: [KVKey] = []
            let sink = try await ExportFormat.wrangler.sink(toPath: folder.path, chunkRecords: 100)
            let report = try await export(MemorySource(records), to: sink) { leftOut.append($0.key) }
            #expect(report == ExportReport(written: fit.count, leftOut: records.count - fit.count))
            #expect(leftOut == records.filter { !fit.contains($0) }.map(\.key))
            let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
            #expect(names.first == "bulk-0001.json" && names.count == (fit.count + 99) / 100)
            let check = """
                all(.[]; (.key | type) == "string" and (.value | type) == "string"
                    and ((keys_unsorted - ["key", "value", "expiration", "metadata", "base64"]) == [])
                    and (.metadata | type | . == "object" or . == "array" or . == "null")) | if . then "fine" else "wrong" end
                """
            for name in names {
                let path = folder.appending(path: name).path
                #expect(try await CommandRunner.output(of: "jq", ["-r", check, path]) == Array("fine\n".utf8))
            }
            let keys = try await CommandRunner.output(
                of: "jq", ["-r", ".[] | .key | @base64"] + names.map { folder.appending(path: $0).path })
            #expect(Self.lines(keys) == fit.map { Data($0.key.utf8).base64EncodedString() })
        }
    }

    @Test func `one array is printed only when everything fits into it`() async throws {
        let few = [KVRecord(key: "a", text: "1"), KVRecord(key: "b", text: "2")]
        let written = MemoryWriter()
        _ = try await written.export(few, as: .wrangler, chunkRecords: 2)
        #expect(written.text == "[\n{\"key\":\"a\",\"value\":\"1\"},\n{\"key\":\"b\",\"value\":\"2\"}\n]\n")
        let refused = MemoryWriter()
        await #expect { try await refused.export(few, as: .wrangler, chunkRecords: 1) } throws: {
            ($0 as? ExchangeError)?.code == .tooMuch
        }
        #expect(refused.bytes.isEmpty)
    }

    @Test func `names of files hold no path, no capital and no device, and are all different`() async throws {
        let hostile: [KVKey] = [
            "index.ndjson", "con", "con.txt", "COM1", "com1", "lpt9.x", "nul", "a", "A", "..a", "a.", ".git", "a/b",
            "a\\b", "C:", "%41", "aux", "auxiliary", "com10", "\u{0}",
        ]
        let keys = Set(hostile + EdgeRecords.keys).sorted()
        try await withTemporaryFolder { folder in
            let path = folder.appending(path: "out").path
            let sink = try await ExportFormat.files.sink(toPath: path, chunkRecords: 1)
            _ = try await export(MemorySource(keys.map { KVRecord(key: $0, value: $0.utf8) }), to: sink)
            let names = try FileManager.default.contentsOfDirectory(atPath: path)
            #expect(names.count == keys.count + 1)
            #expect(Set(names.map { $0.lowercased() }).count == names.count)
            let devices = ["con", "prn", "aux", "nul", "com1", "lpt9"]
            for name in names {
                #expect(!devices.contains(String(name.prefix { $0 != "." })), "\(name)")
                #expect(name.first != "." && name.last != "." && name.utf8.count <= 200, "\(name)")
                #expect(
                    name.utf8.allSatisfy { "abcdefghijklmnopqrstuvwxyz0123456789-_.%".utf8.contains($0) }, "\(name)")
            }
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["out"])
            let index = try Data(contentsOf: URL(filePath: "\(path)/index.ndjson"))
            let listed = try await CommandRunner.output(of: "jq", ["-r", ".file"], input: Array(index))
            for (name, key) in zip(Self.lines(listed), keys) {
                #expect(try Data(contentsOf: URL(filePath: "\(path)/\(name)")) == Data(key.utf8))
            }
        }
    }

    @Test(arguments: ExportFormat.allCases) func `an output that is there is not touched`(format: ExportFormat)
        async throws
    {
        try await withTemporaryFolder { folder in
            let taken = folder.appending(path: "taken")
            try Data("mine".utf8).write(to: taken)
            let path = [.wrangler, .files].contains(format) ? folder.path : taken.path
            await #expect { _ = try await format.sink(toPath: path, chunkRecords: 1) } throws: {
                ($0 as? ExchangeError)?.code == .exists
            }
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["taken"])
            #expect(try Data(contentsOf: taken) == Data("mine".utf8))
        }
    }

    @Test(arguments: ExportFormat.allCases) func `an export that fails half-way leaves nothing that looks whole`(
        format: ExportFormat
    ) async throws {
        try await withTemporaryFolder { folder in
            let path = folder.appending(path: "out").path
            let sink = try await format.sink(toPath: path, chunkRecords: 10)
            await #expect(throws: CancellationError.self) { try await export(BreakingSource(), to: sink) }
            let names = try? FileManager.default.contentsOfDirectory(atPath: path)
            #expect(names?.contains { $0.hasPrefix("bulk-") || $0 == "index.ndjson" } != true, "\(names ?? [])")
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).allSatisfy { $0 == "out" })
            var isFolder: ObjCBool = false
            #expect(!FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) || isFolder.boolValue)
        }
    }

    @Test func `keys are JSON strings, and a selection ends as soon as it has enough`() async throws {
        let records = (0..<1_000).map { KVRecord(key: KVKey("k\($0)\n"), text: "v") }
        var selection = KeySelection()
        selection.matching = [try KeyGlob("k[0-9]9?")]
        let source = LimitedRecords(SelectedRecords(MemorySource(records), selection), limit: 2)
        let writer = MemoryWriter()
        _ = try await export(source, to: LineSink(writer, .key))
        #expect(writer.text == #""k19\n""# + "\n" + #""k29\n""# + "\n")
    }

    private static func lines(_ bytes: [UInt8]) -> [String] {
        String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
    }
}

/// A source that ends with an error after some records.
private struct BreakingSource: RecordSource {
    let name = "broken"
    let holes: [Hole] = []

    func forEachBatch(_ body: ([RecordLine]) async throws -> Void) async throws {
        try await MemorySource((0..<25).map { KVRecord(key: KVKey("\($0)"), text: "v") }).forEachBatch(body)
        throw CancellationError()
    }
}
