import Foundation
import KVArchive
import KVTestSupport
import Testing

/// The queries of `formats/reading.md`, run as they are written there.
@Suite struct ReadingInPlaceTests {
    /// Python with the packages that `scripts/setup test` installs.
    private static let python = root.appending(path: ".build-python/bin/python3").path
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// The first block of a language under a heading of the page.
    private static func block(_ language: String, under heading: String) throws -> String {
        let page = try String(contentsOf: root.appending(path: "formats/reading.md"), encoding: .utf8)
        let section = try #require(page.components(separatedBy: "\n## \(heading)\n").dropFirst().first)
        let code = try #require(section.components(separatedBy: "```\(language)\n").dropFirst().first)
        return try #require(code.components(separatedBy: "\n```").first)
    }

    private static let records = (0..<3_000).map { number in
        KVRecord(
            key: KVKey(number.isMultiple(of: 2) ? "session:\(10_000 + number)" : "user:\(10_000 + number)"),
            value: number.isMultiple(of: 50) ? [0xFF, UInt8(number & 0xFF)] : Array("value \(number) é".utf8),
            metadata: try? KVMetadata(json: "{\"v\":\(number % 3),\"big\":9007199254740993}"),
            expiration: number.isMultiple(of: 4) ? UnixTime(seconds: 4_000_000_000) : nil)
    }

    /// Lends the folder of an archive of several frames and parts.
    private static func withArchive(_ body: (String) async throws -> Void) async throws {
        try await withTemporaryFolder { folder in
            let lines = records.sorted { $0.key < $1.key }.map(RecordLine.init)
            try await write(lines, in: FolderVault(path: folder), at: "x", options: .small(frame: 9_000, part: 90_000))
            try await body("\(folder)/x")
        }
    }

    private static func run(_ script: String, in folder: String) throws -> String {
        let result = try bash("exec \(python) -", in: folder, input: script)
        try #require(result.status == 0, "\(result.output)")
        return result.output
    }

    @Test func `DuckDB counts and reads an archive in place`() async throws {
        let query = try Self.block("sql", under: "DuckDB")
        try await Self.withArchive { folder in
            let script = """
                import duckdb
                con = duckdb.connect()
                for statement in '''\(query)'''.split(';')[:2]: result = con.execute(statement)
                for row in result.fetchall(): print(*row)
                big = con.execute("SELECT DISTINCT metadata ->> 'big' FROM records").fetchall()
                print(big[0][0], len(big))
                """
            let expected = ["session", "user"].map { kind in
                let all = Self.records.filter { $0.key.string.hasPrefix(kind) }
                let bytes = all.reduce(0) { $0 + $1.value.count }
                return "\(kind) \(all.count) \(all.count { $0.expiration != nil }) \(bytes)"
            }
            let output = try Self.run(script, in: folder)
            #expect(output == (expected + ["9007199254740993 1", ""]).joined(separator: "\n"))
        }
    }

    @Test func `Python reads an archive in place`() async throws {
        let script = try Self.block("python", under: "Python")
        try await Self.withArchive { folder in
            let expected = Self.records.sorted { $0.key < $1.key }.map {
                "\($0.key.string) \($0.value.count) \($0.expiration.map { "\($0.seconds)" } ?? "None")\n"
            }
            let output = try Self.run(script, in: folder)
            #expect(output == expected.joined())
        }
    }

    @Test func `jq reads an archive in place`() async throws {
        let script = try Self.block("bash", under: "jq")
        try await Self.withArchive { folder in
            let result = try bash(script, in: folder)
            let expected = Self.records.enumerated().filter { $0.offset % 3 == 1 }.map(\.element)
            #expect(result.output.split(separator: "\n").count == expected.count)
            #expect(result.output.hasPrefix("{\"key\":\"session:10004\",\"expiration\":4000000000}\n"))
        }
    }
}
