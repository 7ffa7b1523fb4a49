import Foundation
import KVModel
import KVTestSupport
import Testing

/// The built command's other formats, out of an archive and into a namespace.
@Suite struct FormatTests {
    @Test func `what is whole of a damaged archive is salvaged, imported and told from what is lost`() async throws {
        try await Workbench.withServer { bench in
            try await bench.load("n", records: 60_000)
            _ = try await bench.kvark("backup", "n", "--to", "vault")
            let outcome = try await bench.bash(
                """
                archive=$(echo vault/n/2*)
                status=0; "$KVARK" cat $archive --salvage >sound.ndjson || status=$?
                echo "sound: $status $(wc -l <sound.ndjson)"
                printf X | dd of=$archive/part-000000.ndjson.zst bs=1 seek=$(($(stat -c %s $archive/part-000000.ndjson.zst) / 2)) conv=notrunc 2>/dev/null
                rm $archive/manifest.json
                status=0; "$KVARK" cat $archive --salvage >rescued.ndjson || status=$?
                echo "damaged: $status"
                "$KVARK" import rescued.ndjson --to n2 --create --quiet
                "$KVARK" diff n n2 --json | jq -c '[.changed, .onlyInB, (.same + .onlyInA)]' || true
                wc -l <rescued.ndjson
                """)
            let lines = outcome.outputLines
            #expect(lines.first == "sound: 0 60000", "\(lines) \(outcome.errorText)")
            #expect(lines.contains("damaged: 4"))
            #expect(lines.contains("[0,0,60000]"), "\(lines) \(outcome.errorText)")
            let rescued = try #require(lines.last.flatMap { Int($0) })
            #expect((10_000..<60_000).contains(rescued), "\(rescued)")
            #expect(outcome.errorText.contains("lost: part-000000.ndjson.zst: bytes"), "\(outcome.errorText)")
        }
    }

    private static let records = EdgeRecords.records(count: 2_000, seed: 51)

    /// Runs a test with an archive of edge records at `vault/edges/latest`.
    private static func withArchive(_ body: (Workbench) async throws -> Void) async throws {
        try await Workbench.withServer { bench in
            _ = try await bench.kvark("namespace", "create", "edges")
            let lines = records.map { RecordLine($0).text + [0x0A] }.flatMap { $0 }
            let loaded = try await bench.kvark("bulk", "put", "edges", "-", input: lines)
            #expect(loaded.status == 0, "\(loaded.errorText)")
            let backup = try await bench.kvark("backup", "edges", "--to", "vault")
            #expect(backup.status == 0, "\(backup.errorText)")
            try await body(bench)
        }
    }

    @Test func `each format that carries everything ends in an identical namespace`() async throws {
        try await Self.withArchive { bench in
            for format in ["ndjson", "csv", "tsv", "sqlite", "files"] {
                let cat = try await bench.kvark(
                    "cat", "vault/edges/latest", "--format", format, "--output", "out.\(format)")
                #expect(
                    cat.status == 0 && cat.errorText == "wrote 2,000 records to out.\(format)\n", "\(cat.errorText)")
                let read = try await bench.kvark("import", "out.\(format)", "--to", format, "--create", "--json")
                #expect(read.status == 0, "\(read.errorText)")
                let written = try await CommandRunner.run("jq", ["-c", "[.written, .invalid]"], input: read.output)
                #expect(written.outputText == "[2000,0]\n")
                let diff = try await bench.kvark("diff", "vault/edges/latest", format)
                #expect(
                    diff.status == 0 && diff.lastLine == "identical: 2,000 records", "\(diff.outputText.suffix(500))")
            }
        }
    }

    @Test func `what wrangler cannot carry is named, and the rest comes in again`() async throws {
        let fit = Self.records.filter { [nil, 0x7B, 0x5B].contains($0.metadata?.json.first) }
        try await Self.withArchive { bench in
            let cat = try await bench.kvark(
                "cat", "vault/edges/latest", "--format", "wrangler", "--output", "bulk", "--chunk-records", "500")
            #expect(cat.status == 3)
            let named = cat.errorOutput.split(separator: 0x0A).count { $0.starts(with: "left out: \"".utf8) }
            #expect(named == Self.records.count - fit.count)
            let again = try await bench.kvark("cat", "vault/edges/latest", "--format", "wrangler", "--output", "bulk")
            #expect(again.status == 1 && again.errorText.contains("not empty"))
            let read = try await bench.bash("\"$KVARK\" import bulk/*.json --to bulk --create")
            #expect(read.status == 0, "\(read.errorText)")
            let keys = try await bench.bash("\"$KVARK\" key list bulk | wc -l")
            #expect(keys.outputText == "\(fit.count)\n")
            let whole = try await bench.kvark(
                "cat", "vault/edges/latest", "--format", "wrangler", "--chunk-records", "1000")
            #expect(whole.status == 1 && whole.output.isEmpty)
        }
    }

    @Test func `keys are chosen by prefix, pattern and number`() async throws {
        try await Self.withArchive { bench in
            let archive = "vault/edges/latest"
            let chosen = try await bench.kvark(
                "cat", archive, "--keys-only", "--match", "user[:;]*", "--prefix", "user")
            let expected = Self.records.map(\.key.string).filter { $0.hasPrefix("user:") || $0.hasPrefix("user;") }
            #expect(chosen.outputLines.count == expected.count && expected.count > 5)
            #expect(chosen.outputLines.first == "\"user:\"")
            let two = try await bench.kvark("cat", archive, "--match", "user:*", "--limit", "2")
            #expect(two.outputLines.count == 2)
            #expect(try await bench.kvark("cat", archive, "--limit", "0", "--format", "csv").outputLines.count == 1)
            let all = try await bench.kvark("cat", archive, "--keys-only")
            let decoded = try await CommandRunner.output(of: "jq", ["-r", "@base64"], input: all.output)
            #expect(
                String(decoding: decoded, as: UTF8.self).split(separator: "\n").map(String.init)
                    == Self.records.map { Data($0.key.utf8).base64EncodedString() })
            for wrong in [
                ["--match", "["], ["--limit", "-1"], ["--format", "sqlite"], ["--chunk-records", "0"],
                ["--format", "xml"], ["--keys-only", "--format", "csv"],
            ] {
                #expect(try await bench.kvark(["cat", archive] + wrong).status == 64, "\(wrong)")
            }
        }
    }

    @Test func `nothing is written unless all records are right, or the wrong ones are given up`() async throws {
        try await Workbench.withServer { bench in
            let mixed = Array(
                "{\"key\":\"a\",\"value\":\"1\"}\n{\"key\":\"b\"}\n{\"key\":\"c\",\"value\":\"3\"}\n".utf8)
            let refused = try await bench.kvark("import", "-", "--to", "n", "--create", input: mixed)
            #expect(refused.status == 1)
            #expect(refused.errorText.contains("standard input, line 2: \"value\" is missing"), "\(refused.errorText)")
            #expect(refused.errorText.contains("hint: --skip-invalid"))
            #expect(try await bench.kvark("namespace", "list").output.isEmpty)

            let dry = try await bench.kvark(
                "import", "-", "--to", "n", "--create", "--dry-run", "--skip-invalid", input: mixed)
            #expect(dry.status == 3 && dry.errorText.contains("would write 2 records"))
            #expect(try await bench.kvark("namespace", "list").output.isEmpty)

            let skipped = try await bench.kvark("import", "-", "--to", "n", "--create", "--skip-invalid", input: mixed)
            #expect(skipped.status == 3, "\(skipped.errorText)")
            #expect(try await bench.kvark("key", "get", "n", "c").outputText == "3")

            let more = Array("{\"c\":\"4\",\"d\":\"5\",\"e\":null}".utf8)
            let taken = try await bench.kvark("import", "-", "--to", "n", input: more)
            #expect(taken.status == 1 && taken.errorText.contains("hint: --merge writes over"), "\(taken.errorText)")
            let merged = try await bench.kvark("import", "-", "--to", "n", "--merge", input: more)
            #expect(merged.status == 0 && merged.errorText.contains("1 key had no value"), "\(merged.errorText)")
            #expect(try await bench.kvark("key", "get", "n", "c").outputText == "4")
            #expect(try await bench.kvark("key", "get", "n", "a").outputText == "1")
        }
    }

    @Test func `a key that comes twice is refused unless the last one counts`() async throws {
        try await Workbench.withServer { bench in
            let twice = Array("key,value\nk,1\nk,2\n".utf8)
            let refused = try await bench.kvark("import", "-", "--to", "n", "--create", input: twice)
            #expect(refused.status == 1)
            #expect(refused.errorText.contains("line 3: key \"k\" stands in standard input, line 2 too"))
            let last = try await bench.kvark(
                "import", "-", "--to", "n", "--create", "--duplicates", "last", input: twice)
            #expect(last.status == 0, "\(last.errorText)")
            #expect(try await bench.kvark("key", "get", "n", "k").outputText == "2")
        }
    }

    @Test func `records that expire too soon are left out, extended, or refused`() async throws {
        try await Workbench.withServer { bench in
            let lines = Array(
                "{\"key\":\"old\",\"value\":\"1\",\"expiration\":1}\n{\"key\":\"new\",\"value\":\"2\",\"expiration_ttl\":600}"
                    .utf8)
            let failed = try await bench.kvark(
                "import", "-", "--to", "n", "--create", "--expiring", "fail", input: lines)
            #expect(failed.status == 1 && failed.errorText.contains("nothing was written"))
            let skipped = try await bench.kvark("import", "-", "--to", "n", input: lines)
            #expect(skipped.status == 0 && skipped.errorText.contains("expired: \"old\""), "\(skipped.errorText)")
            let extended = try await bench.kvark(
                "import", "-", "--to", "n", "--merge", "--expiring", "extend", input: lines)
            #expect(extended.status == 0)
            #expect(try await bench.kvark("key", "get", "n", "old").outputText == "1")
        }
    }
}
