import Foundation
import KVModel
import KVTestSupport
import Testing

/// The built command, and the stock tools that must understand what it made.
@Suite struct RoundTripTests {
    @Test func `an archive is read by sha256sum, zstd and jq, and restored by the recipe in it`() async throws {
        // jq 1.6 refuses escapes of half surrogates, which are JSON and which metadata may hold.
        let records = EdgeRecords.records(count: 12_500, seed: 5)
            .filter { $0.metadata?.text.contains("\\ud800") != true }.prefix(12_000)
        try await Workbench.withServer { bench in
            let lines = records.map { RecordLine($0).text + [0x0A] }.flatMap { $0 }
            _ = try await bench.kvark("namespace", "create", "edges")
            let loaded = try await bench.kvark("bulk", "put", "edges", "-", input: lines)
            #expect(loaded.status == 0, "\(loaded.errorText)")

            let backup = try await bench.kvark("backup", "edges", "--to", "vault")
            #expect(backup.status == 0, "\(backup.errorText)")
            let archive = backup.lastLine
            #expect(archive.hasPrefix("vault/edges/"))
            let checks = try await bench.bash(
                "cd '\(archive)' && sha256sum -c SHA256SUMS && zstd -t part-*.zst && zstd -dc part-*.zst | jq -c .key | wc -l"
            )
            #expect(checks.status == 0, "\(checks.errorText)")
            #expect(checks.lastLine == "12000")
            let cat = try await bench.kvark("cat", archive)
            #expect(cat.output == lines)

            let created = try await bench.kvark("namespace", "create", "by-hand", "--json")
            let id = try await CommandRunner.run("jq", ["-r", ".id"], input: created.output).lastLine
            let recipe = try await bench.bash("bash '\(archive)/RESTORE.txt'", environment: ["NAMESPACE_ID": id])
            #expect(recipe.status == 0, "\(recipe.errorText)")
            let diff = try await bench.kvark("diff", archive, "by-hand")
            #expect(diff.status == 0, "\(diff.outputText.suffix(500))")
            #expect(diff.lastLine == "identical: 12,000 records")

            let restored = try await bench.kvark("restore", "vault/edges/latest", "--to", "copy", "--create", "--json")
            #expect(restored.status == 0, "\(restored.errorText)")
            let again = try await bench.kvark("diff", "edges", "copy", "--json")
            let same = try await CommandRunner.run("jq", [".isIdentical, .same"], input: again.output)
            #expect(same.outputText == "true\n12000\n")
        }
    }

    @Test func `single values come out of an archive and a namespace byte for byte`() async throws {
        try await Workbench.withServer { bench in
            _ = try await bench.kvark("namespace", "create", "n")
            let value = Array(UInt8.min...UInt8.max)
            try Data(value).write(to: URL(filePath: "\(bench.folder)/value"))
            for key in ["a/b", "😀", "...", "-dash", "%2F"] {
                let put = try await bench.kvark(
                    "key", "put", "n", "--path", "value", "--metadata", "{\"v\":1.0}", "--", key)
                #expect(put.status == 0, "\(put.errorText)")
                #expect(try await bench.kvark("key", "get", "n", "--", key).output == value)
                #expect(try await bench.kvark("key", "metadata", "n", "--", key).outputText == "{\"v\":1.0}\n")
            }
            let archive = try await bench.kvark("backup", "n", "--to", "vault").lastLine
            for key in ["a/b", "😀", "...", "-dash", "%2F"] {
                #expect(try await bench.kvark("get", archive, "--", key).output == value)
            }
            let missing = try await bench.kvark("get", archive, "none")
            #expect(missing.status == 1 && missing.output.isEmpty)
            let listed = try await bench.kvark("key", "list", "n", "--prefix", "a")
            #expect(listed.outputText == "{\"name\":\"a/b\",\"metadata\":{\"v\":1.0}}\n")
        }
    }

    @Test func `memory stays the same for a hundred thousand and a million records`() async throws {
        try await Workbench.withServer { bench in
            var peaks: [String: [Int]] = [:]
            for records in [100_000, 1_000_000] {
                try await bench.load("n\(records)", records: records)
                let backup = try await bench.bash(
                    "/usr/bin/time -f %M \"$KVARK\" backup n\(records) --to vault --quiet")
                #expect(backup.status == 0, "\(backup.errorText)")
                let restore = try await bench.bash(
                    "/usr/bin/time -f %M \"$KVARK\" restore vault/n\(records)/latest --to copy\(records) --create --quiet"
                )
                #expect(restore.status == 0, "\(restore.errorText)")
                for (job, outcome) in [("backup", backup), ("restore", restore)] {
                    let kilobytes = try #require(Int(outcome.errorText.trimmingCharacters(in: .whitespacesAndNewlines)))
                    peaks[job, default: []].append(kilobytes)
                }
            }
            print("peak resident memory in kB for 100,000 and 1,000,000 records of 200 bytes: \(peaks)")
            #expect(peaks.values.joined().allSatisfy { $0 < 150_000 }, "\(peaks)")
        }
    }
}
