import Foundation
import KVTestSupport
import Testing

/// Steps by the command: options, files of keys, and what is said of them.
@Suite struct StepsTests {
    private struct Report: Decodable {
        struct Plan: Decodable {
            var requests: [String: Int]
            var requestsTotal: Int
            var dollars: Double
        }

        var written: Int
        var isWhole: Bool
        var plan: Plan?
    }

    private static func report(_ outcome: CommandRunner.Outcome) throws -> Report {
        try JSONDecoder().decode(Report.self, from: Data(outcome.output))
    }

    private static func withRecords(_ body: (Workbench) async throws -> Void) async throws {
        try await Workbench.withServer { bench in
            let script = """
                put() { "$KVARK" key put n "$@"; }
                "$KVARK" namespace create n
                put user:1 one --expiration 4000000000; put user:2 two --metadata '{"a":1.0}'; put 'user:x y' three
                put img:1 --path /bin/true; put $'odd\\nkey' odd
                "$KVARK" backup n --to vault
                """
            let outcome = try await bench.bash(script)
            try #require(outcome.status == 0, "\(outcome.errorText)")
            try await body(bench)
        }
    }

    @Test func `the same steps give the same from an archive, a namespace and a file`() async throws {
        try await Self.withRecords { bench in
            let prepared = try await bench.bash(
                """
                "$KVARK" cat vault/n/latest --output all.ndjson
                "$KVARK" cat vault/n/latest --match 'user:?' --keys-only > keys
                echo 'user:x y' >> keys; echo '"odd\\nkey"' >> keys; echo >> keys; echo gone:1 >> keys
                """)
            try #require(prepared.status == 0, "\(prepared.errorText)")
            let steps = [
                "--create", "--json", "--keys-from", "keys", "--exclude", "*1", "--rename-prefix", "user:=member/",
                "--rename-prefix", "user:x==x", "--expiration", "strip", "--set-metadata", "{\"moved\": 1.0}",
            ]
            for (target, command) in [
                ("restored", ["restore", "vault/n/latest", "--to", "restored"]), ("copied", ["copy", "n", "copied"]),
                ("imported", ["import", "all.ndjson", "--to", "imported"]),
            ] {
                let outcome = try await bench.kvark(command + steps)
                // gone:1 ends in 1, and is excluded.
                #expect(outcome.status == 0, "\(outcome.errorText)")
                #expect(try Self.report(outcome).written == 3)
                let lines = try await bench.bash(
                    """
                    "$KVARK" backup \(target) --to copies 2>backup.err > path; "$KVARK" cat "$(cat path)"
                    """)
                #expect(
                    lines.outputText.split(separator: "\n") == [
                        #"{"key":"=x y","metadata":{"moved":1.0},"value":"three"}"#,
                        #"{"key":"member/2","metadata":{"moved":1.0},"value":"two"}"#,
                        #"{"key":"odd\nkey","metadata":{"moved":1.0},"value":"odd"}"#,
                    ], "\(target) \(lines.errorText)")
            }
            let missing = try await bench.kvark(
                "copy", "n", "missing", "--create", "--keys-from", "keys", "--limit", "2")
            #expect(missing.status == 3, "\(missing.errorText)")
            let named = try await bench.kvark(
                "restore", "vault/n/latest", "--to", "m2", "--create", "--keys-from", "keys")
            #expect(named.status == 3 && named.errorText.contains("\"gone:1\""), "\(named.errorText)")
        }
    }

    @Test func `an archive's records live as long again as they had to live when it was made`() async throws {
        try await Self.withRecords { bench in
            _ = try await bench.bash(
                """
                "$KVARK" key put n short 1 --ttl 100 && "$KVARK" backup n --to vault && sleep 3
                """)
            let shifted = try await bench.kvark(
                "restore", "vault/n/latest", "--to", "shifted", "--create", "--expiration", "shift")
            #expect(shifted.status == 0 && shifted.errorText.contains("wrote 6 records"), "\(shifted.errorText)")
            let both = try await bench.bash(
                """
                "$KVARK" cat vault/n/latest --match short | jq .expiration
                "$KVARK" backup shifted --to copies 2>backup.err > path; "$KVARK" cat "$(cat path)" --match short | jq .expiration
                """)
            let moments = both.outputText.split(separator: "\n").compactMap { Int($0) }
            #expect(moments.count == 2 && moments[1] >= moments[0] + 3, "\(both.outputText) \(both.errorText)")
            let copy = try await bench.kvark("copy", "n", "c", "--create", "--expiration", "shift")
            #expect(copy.status == 64 && copy.errorText.contains("for archives"), "\(copy.errorText)")
        }
    }

    @Test func `keys that are named and not there are named in every mode`() async throws {
        try await Self.withRecords { bench in
            try Data("img:1\nmissing\nuser:1\nzz\n".utf8).write(to: URL(filePath: "\(bench.folder)/keys"))
            for command in [
                ["cat", "vault/n/latest"], ["cat", "vault/n/latest", "--salvage"], ["copy", "n", "c", "--create"],
                ["copy", "n", "d", "--create", "--limit", "2"],
            ] {
                let outcome = try await bench.kvark(command + ["--keys-from", "keys"])
                #expect(
                    outcome.status == 3 && outcome.errorText.contains("\"missing\""), "\(command): \(outcome.errorText)"
                )
            }
            let part = try await bench.bash(
                #"f=$(ls vault/n/*/part-*.zst | head -1); printf X | dd of="$f" bs=1 seek=40 conv=notrunc status=none"#)
            #expect(part.status == 0, "\(part.errorText)")
            let salvaged = try await bench.kvark("cat", "vault/n/latest", "--salvage", "--keys-from", "keys")
            #expect(salvaged.status == 4 && salvaged.errorText.contains("lost:"), "\(salvaged.errorText)")
        }
    }

    @Test func `renaming that would lose a record writes nothing and makes no namespace`() async throws {
        try await Self.withRecords { bench in
            let collision = try await bench.kvark("copy", "n", "new", "--create", "--rename-prefix", "img:=user:")
            #expect(collision.status == 1, "\(collision.errorText)")
            #expect(collision.errorText.contains(#""img:1" and "user:1" would both become "user:1""#))
            #expect(collision.errorText.contains("nothing was written"))
            #expect(try await bench.kvark("namespace", "list").outputText.contains("new") == false)
            // A namespace that must not be written to is found before the source is read.
            try await bench.load("full", records: 3)
            try bench.clearLog()
            let refused = try await bench.kvark("copy", "n", "full", "--rename-prefix", "img:=picture:")
            #expect(refused.status == 1 && refused.errorText.contains("is not empty"), "\(refused.errorText)")
            #expect(try bench.requests().allSatisfy { $0.route != "bulk-get" && $0.route != "value-get" })
        }
    }

    @Test(arguments: [
        ["--rename-prefix", "a"], ["--match", "["], ["--set-metadata", "{"], ["--limit", "-1"], ["--keys-from", ""],
        ["--expiration", "later"],
    ]) func `steps that mean nothing are refused`(options: [String]) async throws {
        let outcome = try await CommandRunner.run(
            CommandRunner.kvark, ["copy", "a", "b"] + options, environment: [:], folder: URL(filePath: "/"))
        #expect(outcome.status == 64, "\(options): \(outcome.errorText)")
    }

    @Test func `a file of keys that holds something else is refused with its line`() async throws {
        try await Self.withRecords { bench in
            for (text, reason) in [
                ("a\n\"open\n", "line 2: the line begins with a quotation mark"), ("a\n.\n", "line 2: the keys"),
                ("\n", "names no keys"),
                ("a\r\n", "line 1: the line ends with a carriage return"),
                ("a\n\(String(repeating: "k", count: 513))\n", "line 2: a key has 512 bytes at most"),
            ] {
                try Data(text.utf8).write(to: URL(filePath: "\(bench.folder)/keys"))
                let outcome = try await bench.kvark("copy", "n", "m", "--create", "--keys-from", "keys")
                #expect(outcome.status == 1 && outcome.errorText.contains(reason), "\(outcome.errorText)")
            }
            let none = try await bench.kvark("copy", "n", "m", "--create", "--keys-from", "nowhere")
            #expect(none.status == 1 && none.errorText.contains("nowhere"), "\(none.errorText)")
        }
    }

    @Test func `a dry run of a backup counts the keys and writes nothing`() async throws {
        try await Workbench.withServer { bench in
            struct Rehearsal: Decodable { var keys: Int, dryRun: Bool, plan: Report.Plan }
            try await bench.load("n", records: 2_100)
            func rehearse(_ options: String...) async throws -> Rehearsal {
                let outcome = try await bench.kvark(["backup", "n", "--to", "vault", "--dry-run", "--json"] + options)
                #expect(outcome.status == 0, "\(outcome.errorText)")
                return try JSONDecoder().decode(Rehearsal.self, from: Data(outcome.output))
            }
            let all = try await rehearse()
            #expect(all.keys == 2_100 && all.dryRun && all.plan.requests["key-list"] == 3)
            #expect(all.plan.requests["bulk-get"] == 21)
            let some = try await rehearse("--match", "*1")
            #expect(some.keys == 210 && some.plan.requests["key-list"] == 3 && some.plan.requests["bulk-get"] == 3)
            #expect(!FileManager.default.fileExists(atPath: "\(bench.folder)/vault"))
            #expect(try bench.requests().allSatisfy { $0.route != "bulk-get" })
            let each = try await bench.kvark("backup", "--all", "--to", "vault", "--dry-run")
            #expect(each.status == 0 && each.errorText.contains("dry run: 2,100 keys"), "\(each.errorText)")
        }
    }

    @Test func `a dry run says what the run will take, and the run takes it`() async throws {
        try await Workbench.withServer { bench in
            try await bench.load("n", records: 21_000)
            try await bench.load("m", records: 15_000)
            func restore(_ options: String...) async throws -> Report {
                let outcome = try await bench.kvark(
                    ["restore", "vault/n/latest", "--to", "m", "--differential", "--json"] + options)
                #expect(outcome.status == 0, "\(outcome.errorText)")
                return try Self.report(outcome)
            }
            _ = try await bench.kvark("backup", "n", "--to", "vault")
            let plan = try #require(try await restore("--dry-run").plan)
            #expect(
                plan.requests["bulk-write"] == 1 && plan.requests["bulk-get"] == 150 && plan.requests["key-list"] == 15)
            // 6,000 writes and 15 lists at 5 dollars a million, 15,000 reads at half a dollar.
            #expect(abs(plan.dollars - 0.037_575) < 1e-9)
            try bench.clearLog()
            let report = try await restore()
            #expect(report.plan == nil && report.written == 6_000)
            let routes = Dictionary(grouping: try bench.requests(), by: \.route).mapValues(\.count)
            #expect(routes["bulk-put"] == 1 && routes["bulk-get"] == 150 && routes["keys-list"] == 15, "\(routes)")
            let mirror = try await bench.kvark(
                "restore", "vault/n/latest", "--to", "m", "--mirror", "--dry-run", "--prefix", "key:0001")
            #expect(mirror.errorText.contains("the run itself"), "\(mirror.errorText)")
            #expect(mirror.errorText.contains("on the free plan"), "\(mirror.errorText)")
        }
    }
}
