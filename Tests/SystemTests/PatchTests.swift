import Foundation
import KVTestSupport
import Testing

/// Differences as files that can be replayed, and files as a side of a comparison.
@Suite struct PatchTests {
    private struct Report: Decodable {
        var written: Int
        var deleted: Int
        var puts: Int
        var deletes: Int
        var dryRun: Bool
    }

    private static func report(_ outcome: CommandRunner.Outcome) throws -> Report {
        try JSONDecoder().decode(Report.self, from: Data(outcome.output))
    }

    /// A namespace, its archive, and what was done to it since: one record of each kind of change.
    private static func withDamage(_ body: (Workbench) async throws -> Void) async throws {
        try await Workbench.withServer { bench in
            try await bench.loadMixed("n", records: 2_500)
            let script = """
                put() { "$KVARK" key put n "$@"; }
                put b 1; put c 1 --metadata '{"a":1.0}'; put $'new\\nline' 1; put bin --path /bin/true
                "$KVARK" backup n --to vault
                "$KVARK" key delete n b; "$KVARK" key delete n $'new\\nline'
                put c 1; put bin text; put only 1; put 'é 😀/..' 1
                """
            let outcome = try await bench.bash(script)
            try #require(outcome.status == 0, "\(outcome.errorText)")
            try await body(bench)
        }
    }

    @Test func `a patch makes one side like the other, and says beforehand what it will do`() async throws {
        try await Self.withDamage { bench in
            let diff = try await bench.kvark("diff", "n", "vault/n/latest", "--patch", "back.ndjson", "--json")
            #expect(diff.status == 4, "\(diff.errorText)")
            let file = URL(filePath: "\(bench.folder)/back.ndjson")
            let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
            #expect(lines.count == 8)
            let tools = try await bench.bash(
                """
                [ "$(head -n -1 back.ndjson | sha256sum | cut -d' ' -f1)" = "$(tail -n 1 back.ndjson | jq -r .sha256)" ]
                jq -r 'select(.delete) | .key' back.ndjson
                jq -c 'select(has("value"))' back.ndjson | "$KVARK" import - --to puts --create
                """)
            #expect(tools.outputText == "only\né 😀/..\n", "\(tools.errorText)")
            #expect(tools.errorText.contains("wrote 4 records"), "\(tools.errorText)")

            let dry = try await bench.kvark("apply", "back.ndjson", "--to", "n", "--dry-run", "--json")
            #expect(dry.status == 0, "\(dry.errorText)")
            let announced = try Self.report(dry)
            #expect(announced.puts == 4 && announced.deletes == 2 && announced.written == 4 && announced.deleted == 2)
            #expect(try await bench.kvark("diff", "n", "vault/n/latest").status == 4)

            let unasked = try await bench.kvark("apply", "back.ndjson", "--to", "n")
            #expect(unasked.status == 1 && unasked.errorText.contains("would delete 2 keys"), "\(unasked.errorText)")
            try bench.clearLog()
            let applied = try await bench.kvark("apply", "back.ndjson", "--to", "n", "--max-delete", "2", "--json")
            #expect(applied.status == 0, "\(applied.errorText)")
            #expect(try Self.report(applied).written == 4)
            #expect(try bench.requests().count { ["bulk-put", "bulk-delete"].contains($0.route) } == 2)
            #expect(try await bench.kvark("diff", "n", "vault/n/latest").status == 0)
            // Once more changes nothing.
            #expect(try await bench.kvark("apply", "back.ndjson", "--to", "n", "--yes").status == 0)
            #expect(try await bench.kvark("diff", "n", "vault/n/latest").status == 0)

            let exists = try await bench.kvark("diff", "n", "vault/n/latest", "--patch", "back.ndjson")
            #expect(exists.status == 1 && exists.errorText.contains("is there already"), "\(exists.errorText)")
        }
    }

    @Test func `a patch between two archives carries one state to the other`() async throws {
        try await Self.withDamage { bench in
            let outcome = try await bench.bash(
                """
                old=$("$KVARK" list vault/n --json | jq -rs '.[-1].archives[-1].path? // empty' || true)
                first=$(ls -d vault/n/2*Z | tail -1)
                sleep 1; "$KVARK" backup n --to vault
                second=$(ls -d vault/n/2*Z | tail -1)
                "$KVARK" diff "$first" "$second" --patch forward.ndjson && exit 9 || [ $? = 4 ]
                zstd -q forward.ndjson
                "$KVARK" restore "$first" --to copy --create
                "$KVARK" apply - --to copy --yes < forward.ndjson.zst
                "$KVARK" diff copy "$second"
                """)
            #expect(outcome.status == 0, "\(outcome.outputText) \(outcome.errorText)")
        }
    }

    @Test func `a patch that is not whole, or was changed, is refused before anything is written`() async throws {
        try await Self.withDamage { bench in
            _ = try await bench.kvark("diff", "n", "vault/n/latest", "--patch", "p")
            let url = URL(filePath: "\(bench.folder)/p")
            let whole = try Data(contentsOf: url)
            let lines = String(decoding: whole, as: UTF8.self).split(separator: "\n").map(String.init)
            func text(_ lines: [String]) -> Data { Data((lines.joined(separator: "\n") + "\n").utf8) }
            var cases: [Data] = [
                text(lines.dropLast()), text(Array(lines.dropFirst())), text(lines + [lines[1]]), Data(),
                text([lines[0]] + lines.dropFirst(2)), text([lines[0], lines[0]] + lines.dropFirst()),
                text([lines[0].replacingOccurrences(of: "Patch\":1", with: "Patch\":2")] + lines.dropFirst()),
            ]
            // Every bit of the text is vouched for.
            for offset in stride(from: 0, to: whole.count - 1, by: max(1, whole.count / 40)) {
                var damaged = whole
                damaged[offset] ^= 1
                cases.append(damaged)
            }
            try bench.clearLog()
            for (index, data) in cases.enumerated() {
                try data.write(to: url)
                let outcome = try await bench.kvark("apply", "p", "--to", "n", "--yes")
                #expect(outcome.status == 1, "\(index): \(outcome.errorText)")
            }
            #expect(try bench.requestCount() == 0)
        }
    }

    @Test func `a patch to an archive of some keys leaves the others alone`() async throws {
        try await Self.withDamage { bench in
            for options in [["--prefix", "b"], ["--match", "b*"]] {
                let folder = "some\(options[0])"
                _ = try await bench.kvark(["backup", "n", "--to", folder] + options)
                let refused = try await bench.kvark("diff", "n", "\(folder)/n/latest", "--patch", "p")
                #expect(
                    refused.status == 1 && refused.errorText.contains("would delete the others"), "\(refused.errorText)"
                )
                let shown = try await bench.kvark("show", "\(folder)/n/latest")
                #expect(shown.outputText.contains(options[0] == "--match" ? "match b*" : "start with \"b\""))
            }
            _ = try await bench.kvark("key", "put", "n", "b2", "1")
            let some = try await bench.kvark("diff", "n", "some--prefix/n/latest", "--prefix", "b", "--patch", "p")
            #expect(some.status == 4, "\(some.errorText)")
            let applied = try await bench.kvark("apply", "p", "--to", "n", "--max-delete", "1")
            #expect(applied.status == 0, "\(applied.errorText)")
        }
    }

    @Test func `a patch is not made of what was not read`() async throws {
        let outcome = try await CommandRunner.run(
            CommandRunner.kvark, ["diff", "a", "b", "--quick", "--patch", "p"], environment: [:],
            folder: URL(filePath: "/"))
        #expect(outcome.status == 64 && outcome.errorText.contains("--patch needs the values"), "\(outcome.errorText)")
    }

    @Test func `files of other formats are a side of a comparison`() async throws {
        try await Self.withDamage { bench in
            let outcome = try await bench.bash(
                """
                for format in ndjson csv tsv sqlite files; do
                    "$KVARK" cat vault/n/latest --format $format --output out.$format
                    "$KVARK" diff out.$format vault/n/latest
                    "$KVARK" diff vault/n/latest ./out.$format --keys-only
                    "$KVARK" diff n out.$format && exit 9 || [ $? = 4 ]
                done
                "$KVARK" diff out.csv n --match 'b*' --exclude 'bin' && exit 9 || [ $? = 4 ]
                printf 'key,value\\na,1\\na,2\\n' > twice.csv
                "$KVARK" diff twice.csv n && exit 9 || [ $? = 1 ]
                """)
            #expect(outcome.status == 0, "\(outcome.outputText) \(outcome.errorText)")
        }
    }
}
