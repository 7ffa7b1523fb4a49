import Foundation
import KVExchange
import KVTestSupport
import KVTransfer
import Testing

/// What comes in, from whoever wrote it.
@Suite struct ImportTests {
    /// Reads texts as if they were files.
    private static func read(
        _ texts: String..., adjust: (inout SortedImport.Options) -> Void = { _ in }
    ) throws -> SortedImport {
        try withTemporaryFolder { folder in
            let paths = try texts.enumerated().map { index, text in
                let file = folder.appending(path: "file\(index)")
                try Data(text.utf8).write(to: file)
                return file.path
            }
            var options = SortedImport.Options()
            options.now = UnixTime(seconds: 1_000)
            adjust(&options)
            return try SortedImport(reading: paths, options: options)
        }
    }

    // MARK: Round trips

    @Test(arguments: [ExportFormat.ndjson, .csv, .tsv, .sqlite, .files], [96, 64 << 20])
    func `a format that carries everything brings everything back`(format: ExportFormat, sortBytes: Int) async throws {
        let records = EdgeRecords.records(count: 600, seed: 43)
        try await withTemporaryFolder { folder in
            let path = folder.appending(path: "out").path
            let sink = try await format.sink(toPath: path, chunkRecords: 10_000)
            _ = try await export(MemorySource(records), to: sink)
            var options = SortedImport.Options()
            // With next to no memory each record is a run of its own.
            options.sortBytes = sortBytes
            let read = try SortedImport(reading: [path], options: options)
            #expect(read.faults == [])
            #expect(read.records == 600 && read.duplicateCount == 0)
            #expect(firstDifference(try await read.allRecords(), records) == nil)
        }
    }

    @Test func `wrangler's arrays bring back what they carry, from several files at once`() async throws {
        let records = EdgeRecords.records(count: 600, seed: 44)
            .filter { [nil, 0x7B, 0x5B].contains($0.metadata?.json.first) }
        try await withTemporaryFolder { folder in
            let sink = try await ExportFormat.wrangler.sink(toPath: folder.path, chunkRecords: 70)
            _ = try await export(MemorySource(records), to: sink)
            let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
            let read = try SortedImport(reading: names.map { folder.appending(path: $0).path })
            #expect(read.faults == [])
            #expect(firstDifference(try await read.allRecords(), records) == nil)
        }
    }

    @Test(arguments: [["gzip"], ["zstd", "-q"]]) func `compressed files are read, in several pieces too`(
        command: [String]
    ) async throws {
        let records = EdgeRecords.records(count: 900, seed: 45)
        let lines = records.map { RecordLine($0).text + [0x0A] }
        try await withTemporaryFolder { folder in
            var bytes: [UInt8] = []
            for half in [lines[..<450], lines[450...]] {
                bytes += try await CommandRunner.output(
                    of: command[0], command.dropFirst() + ["-c"], input: Array(half.joined()))
            }
            let file = folder.appending(path: "records")
            try Data(bytes).write(to: file)
            let read = try SortedImport(reading: [file.path])
            #expect(firstDifference(try await read.allRecords(), records) == nil)

            try Data(bytes.dropLast(9)).write(to: file)
            #expect { try SortedImport(reading: [file.path]) } throws: { ($0 as? ExchangeError)?.code == .malformed }
        }
    }

    @Test func `a value of 25 MiB comes back from each format, and one byte more is refused`() async throws {
        let largest = KVRecord(key: "large", value: [UInt8](repeating: 0xFF, count: KVLimits.valueBytes))
        for format in [ExportFormat.ndjson, .csv, .sqlite, .files] {
            try await withTemporaryFolder { folder in
                let path = folder.appending(path: "out").path
                _ = try await export(
                    MemorySource([largest]), to: try await format.sink(toPath: path, chunkRecords: 1))
                #expect(try await SortedImport(reading: [path]).allRecords() == [largest], "\(format)")
            }
        }
        let text = String(repeating: "v", count: KVLimits.valueBytes + 1)
        let read = try Self.read("{\"key\":\"k\",\"value\":\"\(text)\"}\n{\"key\":\"l\",\"value\":\"\"}")
        #expect(read.faultCount == 1 && read.records == 1)
    }

    @Test(arguments: ["", "[]", " [ \n] ", "key,value\n", "key\tvalue\r\n", "\u{FEFF}", "{}"])
    func `no records are no error`(text: String) async throws {
        let read = try Self.read(text)
        #expect(read.records == 0 && read.faultCount == 0)
        #expect(try await read.allRecords() == [])
    }

    // MARK: What others write

    @Test func `pairs may have white space, any order of members, any escapes and a time to live`() async throws {
        let read = try Self.read(
            """
            \u{FEFF}{ "value" : "\\u0061\\/" , "expiration_ttl": 6e1, "key":"b" }

            {"key":"a","base64":false,"metadata": {"v" : 1.0, "v":2}, "expiration":null, "value":"x"}\r
            {"key":"c","base64":true,"metadata":null,"value":"aGk="}
            """)
        #expect(read.faults == [])
        let metadata = try KVMetadata(json: "{\"v\":1.0,\"v\":2}")
        #expect(
            try await read.allRecords() == [
                KVRecord(key: "a", text: "x", metadata: metadata),
                KVRecord(key: "b", text: "a/", expiration: UnixTime(seconds: 1_060)), KVRecord(key: "c", text: "hi"),
            ])
    }

    @Test func `files are the same whenever they are read, and others when anything in them is another`() throws {
        let text = """
            {"key":"a","value":"1","expiration_ttl":100}
            {"key":"b","value":"1","expiration":5000000000,"metadata":{"n":1}}
            """
        let identity = try Self.read(text).identity
        #expect(try Self.read(text) { $0.now = UnixTime(seconds: 9_000) }.identity == identity)
        for (old, new) in [("100", "101"), ("5000000000", "5000000001"), ("{\"n\":1}", "{\"n\":1.0}"), ("b", "c")] {
            #expect(try Self.read(text.replacing(old, with: new)).identity != identity, "\(new)")
        }
        #expect(try Self.read(text) { $0.duplicates = .last }.identity != identity)
    }

    @Test func `a folder of files with times to live is the same whenever it is read`() throws {
        try withTemporaryFolder { folder in
            try Data("v".utf8).write(to: folder.appending(path: "a"))
            let index = Data("{\"key\":\"a\",\"file\":\"a\",\"expiration_ttl\":100}\n".utf8)
            try index.write(to: folder.appending(path: "index.ndjson"))
            let identities = try [Int64(1_000), 9_000].map { now in
                var options = SortedImport.Options()
                options.now = UnixTime(seconds: now)
                let read = try SortedImport(reading: [folder.path], options: options)
                #expect(read.records == 1 && read.faults == [])
                return read.identity
            }
            #expect(identities[0] == identities[1])
        }
    }

    @Test func `a bulk read is read in both of wrangler's forms, and a null is no record`() async throws {
        let read = try Self.read(
            "{\"__proto__\": \"p\", \"42\": null, \"a\\\"],\": \"[{\\\\\", \"m\": {\"value\": \"v\", \"metadata\": [1.0]}, \"n\": {\"value\": null}}"
        )
        #expect(read.faults == [] && read.absentCount == 2)
        let metadata = try KVMetadata(json: "[1.0]")
        #expect(
            try await read.allRecords() == [
                KVRecord(key: "__proto__", text: "p"), KVRecord(key: "a\"],", text: "[{\\"),
                KVRecord(key: "m", text: "v", metadata: metadata),
            ])
    }

    @Test func `a table written by others may have other line ends, orders and fewer columns`() async throws {
        let read = try Self.read(
            "value,\"key\"\r\n\"a \"\"b\"\"\r\nc\",k1\r\nx,k2\r\n\r\n", "key\tvalue\nk3\ta\\tb\\\\\n")
        #expect(read.faults == [])
        #expect(
            try await read.allRecords() == [
                KVRecord(key: "k1", text: "a \"b\"\r\nc"), KVRecord(key: "k2", text: "x"),
                KVRecord(key: "k3", text: "a\tb\\"),
            ])
    }

    @Test func `python's csv module writes a table that is read`() async throws {
        let records = EdgeRecords.records(count: 300, seed: 46).filter {
            UTF8Check.isText($0.value) && !$0.key.utf8.contains(0) && !$0.value.contains(0)
        }
        let pairs = records.map {
            "\(Data($0.key.utf8).base64EncodedString()) \(Data($0.value).base64EncodedString())."
        }
        let table = try await CommandRunner.python(
            """
            import base64, csv, io, sys
            out = io.TextIOWrapper(sys.stdout.buffer, encoding="utf-8", newline="")
            writer = csv.writer(out)
            writer.writerow(["key", "value"])
            for line in sys.stdin:
                key, value = [base64.b64decode(field).decode() for field in line.rstrip("\\n.").split(" ")]
                writer.writerow([key, value])
            """, input: Array(pairs.joined(separator: "\n").utf8))
        let read = try Self.read(String(decoding: table, as: UTF8.self))
        #expect(read.faults == [])
        let expected = records.map { KVRecord(key: $0.key, value: $0.value) }
        #expect(firstDifference(try await read.allRecords(), expected) == nil)
    }

    // MARK: What is wrong

    @Test(arguments: [
        ("{\"key\":\"k\",\"value\":1}", "line 1"), ("{\"key\":\"k\"}", "\"value\" is missing"),
        ("{\"key\":\"k\",\"value\":\"v\"}\n{\"key\":\"l\",\"valu\":\"v\"}", "line 2: a record has no member \"valu\""),
        ("{\"key\":\"\",\"value\":\"v\"}", "cannot be empty"), ("{\"key\":\"..\",\"value\":\"v\"}", "not allowed"),
        ("{\"key\":\"k\",\"value\":\"v\",\"base64\":true}", "not base64"),
        ("{\"key\":\"k\",\"value\":\"v\",\"expiration\":1.5}", "whole number"),
        ("{\"key\":\"k\",\"value\":\"v\",\"expiration\":-1}", "positive"),
        ("{\"key\":\"k\",\"value\":\"v\",\"value\":\"w\"}", "twice"),
        ("{\"key\":\"k\",\"value\":\"\\ud800\"}", "line 1"),
        ("[{\"key\":\"k\",\"value\":\"v\"},7]", "pair 2"), ("[{\"key\":\"k\",\"value\":\"v\"},]", "pair 2"),
        ("key,value\nk,v,w\n", "3 fields instead of 2"), ("key,value\nk,a\"b\n", "line 2: a quote"),
        ("key,value,encoding\nk,v,latin1\n", "no encoding"), ("key\tvalue\nk\ta\\b\n", "backslash"),
        ("{\"a\":\"v\",\"b\":7}", "member 2"),
    ])
    func `a record that is wrong is named with its place, and is the only one`(text: String, reason: String)
        async throws
    {
        let read = try Self.read(text)
        #expect(read.faultCount == 1)
        #expect(read.faults.first?.contains(reason) == true, "\(read.faults)")
    }

    @Test(arguments: [
        "[{\"key\":\"k\",\"value\":\"v\"}", "[{\"key\":\"k\",\"value\":\"v\"}}", "[] []", "{\"a\":\"v\"",
        "key,value\n\"k,v\n", "key,valu\nk,v\n", "hello\n",
    ])
    func `a file that is wrong as a whole is an error`(text: String) {
        #expect(throws: ExchangeError.self) { try Self.read(text) }
    }

    @Test func `metadata of 1,024 bytes is taken and one byte more is not`() async throws {
        func line(_ bytes: Int) -> String {
            "{\"key\":\"k\(bytes)\",\"metadata\":\(EdgeRecords.longMetadata(of: bytes)),\"value\":\"\"}\n"
        }
        let read = try Self.read(line(1_024) + line(1_025))
        #expect(try await read.allRecords().map(\.key) == ["k1024"])
        #expect(read.faults.first?.contains("1025 bytes; 1024 is the most") == true)
    }

    @Test func `the first twenty faults are named, and all are counted`() async throws {
        let read = try Self.read(String(repeating: "nonsense\n", count: 500)) { $0.format = .ndjson }
        #expect(read.faults.count == 20 && read.faultCount == 500)
    }

    @Test func `a key that comes twice is named with both places, and the last one counts`() async throws {
        let read = try Self.read(
            "{\"key\":\"k\",\"value\":\"1\"}\n{\"key\":\"k\",\"value\":\"2\"}\n{\"key\":\"a\",\"value\":\"\"}",
            "[{\"key\":\"k\",\"value\":\"3\"}]"
        ) { $0.sortBytes = 1 }
        #expect(read.duplicateCount == 2 && read.records == 2)
        let named = try #require(read.duplicates.last)
        #expect(named.contains("file1, pair 1: key \"k\"") && named.contains("file0, line 2"), "\(named)")
        #expect(try await read.allRecords() == [KVRecord(key: "a", text: ""), KVRecord(key: "k", text: "3")])
    }

    @Test func `no name in an index leads out of its folder, and no link is followed`() throws {
        try withTemporaryFolder { folder in
            let values = folder.appending(path: "values")
            try FileManager.default.createDirectory(at: values, withIntermediateDirectories: true)
            try Data("secret".utf8).write(to: folder.appending(path: "secret"))
            try FileManager.default.createSymbolicLink(
                at: values.appending(path: "link"), withDestinationURL: folder.appending(path: "secret"))
            let names = ["../secret", "link", ".", "..", "missing", "index.ndjson", ""]
            let index = names.map { "{\"file\":\"\($0)\",\"key\":\"k\"}\n" }.joined()
            try Data(index.utf8).write(to: values.appending(path: "index.ndjson"))
            let read = try SortedImport(reading: [values.path])
            #expect(read.faultCount == names.count && read.records == 0)
        }
    }

    // MARK: Sorting

    @Test func `runs of runs are merged in order`() async throws {
        let records = (0..<3_000).map { KVRecord(key: KVKey("\($0 * 7_919 % 3_000)"), text: "\($0)") }
        let text = records.map { String(decoding: RecordLine($0).text, as: UTF8.self) }.joined(separator: "\n")
        let read = try Self.read(text) { $0.sortBytes = 500 }
        #expect(try await read.allRecords() == records.sorted { $0.key < $1.key })
        // A source can be walked again.
        #expect(try await read.allRecords().count == 3_000)
    }
}

private enum UTF8Check {
    static func isText(_ bytes: [UInt8]) -> Bool { KVKey(utf8: bytes) != nil }
}

extension RecordSource {
    func allRecords() async throws -> [KVRecord] {
        var records: [KVRecord] = []
        try await forEachBatch { records += $0.map(\.record) }
        return records
    }
}
