import Foundation
import KVTestSupport
import Testing

/// Drills by the command, and what is kept of them.
@Suite struct DrillTests {
    private struct Record: Decodable {
        struct Compared: Decodable { var same: Int }

        var archiveID: String?
        var passed: Bool
        var problem: String?
        var records: Int?
        var compared: Compared?
    }

    private static func records(_ bench: Workbench) throws -> [Record] {
        let text = try String(contentsOfFile: "\(bench.folder)/vault/n/drills.ndjson", encoding: .utf8)
        return try text.split(separator: "\n").map { try JSONDecoder().decode(Record.self, from: Data($0.utf8)) }
    }

    private static func withArchive(_ body: (Workbench, [String: String?]) async throws -> Void) async throws {
        try await Workbench.withServer { bench in
            try await bench.loadMixed("n", records: 2_000)
            #expect(try await bench.kvark("backup", "n", "--to", "vault").status == 0)
            let temporary = "\(bench.folder)/temporary"
            try FileManager.default.createDirectory(atPath: temporary, withIntermediateDirectories: true)
            // No account: a drill needs none.
            let environment: [String: String?] = [
                "TMPDIR": temporary, "CLOUDFLARE_API_TOKEN": nil, "CLOUDFLARE_ACCOUNT_ID": nil,
                "CLOUDFLARE_API_BASE_URL": nil,
            ]
            try await body(bench, environment)
            #expect(try FileManager.default.contentsOfDirectory(atPath: temporary) == [])
        }
    }

    @Test func `a good archive passes, every time with a line of its own`() async throws {
        try await Self.withArchive { bench, environment in
            let first = try await bench.kvark("drill", "vault/n/latest", environment: environment)
            #expect(first.status == 0 && first.outputText.hasPrefix("passed: 2,000 records"), "\(first.errorText)")
            // A line that was cut, as by a crash, does not take the next one with it.
            let log = try FileHandle(forWritingTo: URL(filePath: "\(bench.folder)/vault/n/drills.ndjson"))
            try log.seekToEnd()
            try log.write(contentsOf: Data("{}".utf8))
            try log.close()
            async let second = bench.kvark("drill", "vault/n/latest", environment: environment)
            async let third = bench.kvark("drill", "vault/n/latest", "--json", environment: environment)
            #expect(try await [second.status, third.status] == [0, 0])
            let text = try String(contentsOfFile: "\(bench.folder)/vault/n/drills.ndjson", encoding: .utf8)
            let lines = text.split(separator: "\n")
            #expect(lines.count == 4 && lines[1] == "{}")
            try Data(lines.filter { $0 != "{}" }.joined(separator: "\n").utf8).write(
                to: URL(filePath: "\(bench.folder)/vault/n/drills.ndjson"))
            for record in try Self.records(bench) {
                #expect(record.passed && record.problem == nil && record.records == 2_000)
                #expect(record.compared?.same == 2_000)
            }
            let shown = try await bench.kvark("show", "vault/n/latest", "--json").outputText
            #expect(shown.contains(try #require(try Self.records(bench)[0].archiveID)))
            // The file is in nobody's way.
            #expect(try await bench.kvark("backup", "n", "--to", "vault").status == 0)
            #expect(try await bench.kvark("list", "vault").outputText.split(separator: "\n").count >= 2)
            #expect(try await bench.kvark("verify", "vault/n/latest").status == 0)
        }
    }

    @Test func `a damaged archive fails, and that is written down`() async throws {
        try await Self.withArchive { bench, environment in
            let damage = try await bench.bash(
                """
                part=$(ls vault/n/*/part-000000.ndjson.zst)
                printf '\\377\\377' | dd of="$part" bs=1 seek=2000 conv=notrunc status=none
                """)
            #expect(damage.status == 0, "\(damage.errorText)")
            let outcome = try await bench.kvark("drill", "vault/n/latest", environment: environment)
            #expect(outcome.status == 4 && outcome.outputText.hasPrefix("failed: "), "\(outcome.outputText)")
            let record = try #require(try Self.records(bench).first)
            #expect(!record.passed && record.compared == nil)
            #expect(try #require(record.problem).contains("part-000000"))

            // So does one whose manifest is damaged, if its own name is given: the newest whole one is another.
            _ = try await bench.bash("rm vault/n/drills.ndjson; printf x >> vault/n/2*/manifest.json")
            let name = try FileManager.default.contentsOfDirectory(atPath: "\(bench.folder)/vault/n")[0]
            let unreadable = try await bench.kvark("drill", "vault/n/\(name)", environment: environment)
            #expect(unreadable.status == 4 && unreadable.outputText.hasPrefix("failed: "), "\(unreadable.errorText)")
            #expect(try Self.records(bench).map(\.passed) == [false])
        }
    }

    @Test func `an archive outside of a vault is drilled without a record`() async throws {
        try await Self.withArchive { bench, environment in
            _ = try await bench.bash("cp -r vault/n/2* elsewhere")
            let outcome = try await bench.kvark("drill", "./elsewhere", environment: environment)
            #expect(outcome.status == 0 && outcome.errorText.contains("is not recorded"), "\(outcome.errorText)")
            let missing = try await bench.kvark("drill", "./nowhere", environment: environment)
            #expect(missing.status == 1)
            #expect(!FileManager.default.fileExists(atPath: "\(bench.folder)/drills.ndjson"))
        }
    }
}
