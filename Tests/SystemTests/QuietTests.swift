import KVTestSupport
import Testing

/// With `--quiet` nothing is printed but errors, warnings and what was asked for.
@Suite struct QuietTests {
    @Test func `what goes well is not mentioned`() async throws {
        try await Workbench.withServer { bench in
            try await bench.loadMixed("n", records: 20)
            let commands = [
                ["backup", "n", "--to", "vault"], ["backup", "--all", "--to", "vault"], ["verify", "vault/n/latest"],
                ["drill", "vault/n/latest"], ["restore", "vault/n/latest", "--to", "copy", "--create"],
                ["diff", "n", "copy"], ["copy", "n", "third", "--create"], ["diff", "vault/n/latest", "third"],
                ["cat", "vault/n/latest", "--output", "records"], ["import", "records", "--to", "fourth", "--create"],
                ["verify", "vault/n/latest", "--quick"],
                ["diff", "n", "n", "--patch", "patch"], ["apply", "patch", "--to", "third"],
                ["cat", "vault/n/latest", "--format", "csv", "--output", "table"],
                ["restore", "--all", "vault", "--merge"], ["bulk", "put", "n", "records"],
                ["show", "vault/n/latest", "--html", "page"], ["namespace", "delete", "fourth", "--yes"],
            ]
            for command in commands {
                let outcome = try await bench.kvark(command + ["--quiet"])
                #expect(outcome.status == 0)
                #expect(
                    outcome.outputText.isEmpty && outcome.errorText.isEmpty,
                    "\(command): \(outcome.outputText)\(outcome.errorText)")
            }
        }
    }

    @Test func `what was asked for is printed`() async throws {
        try await Workbench.withServer { bench in
            try await bench.loadMixed("n", records: 20)
            #expect(try await bench.kvark("backup", "n", "--to", "vault", "--quiet").status == 0)
            _ = try await bench.kvark("namespace", "create", "empty")
            for command in [
                ["list", "vault"], ["cat", "vault/n/latest"], ["show", "vault/n/latest"], ["diff", "n", "empty"],
            ] {
                let outcome = try await bench.kvark(command + ["--quiet"])
                #expect(!outcome.output.isEmpty, "\(command)")
            }
            let json = try await bench.kvark("backup", "n", "--to", "vault", "--quiet", "--json")
            #expect(json.outputText.contains("\"isWhole\":true"))
        }
    }
}
