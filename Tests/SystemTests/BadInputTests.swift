import Foundation
import KVTestSupport
import Testing

/// What the command says and how it ends when something is wrong.
@Suite struct BadInputTests {
    /// One line that says what is wrong, perhaps hints, no stack trace, no token.
    private static func expectClearError(
        _ outcome: CommandRunner.Outcome, status: Int32, mentions: String..., token: String = "",
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let lines = outcome.errorText.split(separator: "\n")
        #expect(outcome.status == status, "\(outcome.errorText)", sourceLocation: sourceLocation)
        #expect(
            lines.count { $0.hasPrefix("kvark: ") } == 1
                && lines.allSatisfy { line in ["kvark: ", "hint: ", "waiting "].contains { line.hasPrefix($0) } },
            "\(outcome.errorText)", sourceLocation: sourceLocation)
        for text in mentions {
            #expect(outcome.errorText.contains(text), "\(outcome.errorText)", sourceLocation: sourceLocation)
        }
        if !token.isEmpty {
            #expect(
                !outcome.errorText.contains(token) && !outcome.outputText.contains(token),
                sourceLocation: sourceLocation)
        }
    }

    @Test func `credentials, accounts and namespaces that are wrong are told apart`() async throws {
        try await Workbench.withServer { bench in
            _ = try await bench.kvark("namespace", "create", "n")
            let wrong = "cfut_wrongwrongwrongwrongwrongwrongwrongwrong"
            Self.expectClearError(
                try await bench.kvark("backup", "n", "--to", "v", environment: ["CLOUDFLARE_API_TOKEN": wrong]),
                status: 1,
                mentions: "10000", "cf-ray", token: wrong)
            Self.expectClearError(
                try await bench.kvark("backup", "n", "--to", "v", environment: ["CLOUDFLARE_API_TOKEN": nil]),
                status: 1,
                mentions: "CLOUDFLARE_API_TOKEN")
            Self.expectClearError(
                try await bench.kvark("backup", "other", "--to", "v"), status: 1, mentions: "\"other\"", "\"n\"",
                token: bench.token)
            Self.expectClearError(
                try await bench.kvark("backup", "ffffffffffffffffffffffffffffffff", "--to", "v"), status: 1,
                mentions: "ffffffff")
            Self.expectClearError(
                try await bench.kvark("backup", "n", "--to", "v", "--account-id", "0123456789abcdef0123456789abcdef"),
                status: 1, mentions: "account")
            Self.expectClearError(
                try await bench.kvark("backup", "kv://staging/n", "--to", "v"), status: 1,
                mentions: "KVARK_STAGING_ACCOUNT_ID")
            #expect(!FileManager.default.fileExists(atPath: "\(bench.folder)/v"))
        }
    }

    @Test func `servers that are not there or not the API are recognised`() async throws {
        try await Workbench.withServer { bench in
            let closed = try await ScriptedServer.withServer({ _, _ in .silence }) { $0.port }
            let answers: [(ScriptedServer.Answer, String)] = [
                (.http(200, "<html>hello</html>", type: "text/html"), "not the API's"),
                (.failure(200, code: 10001, "internal"), "10001"),
                (.bytesThenClose(Array("HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{\"succ".utf8)), "ended after"),
                (.http(302, "", headers: ["location": "https://example.com/"]), "302"),
            ]
            func list(_ url: String) async throws -> CommandRunner.Outcome {
                try await bench.kvark("namespace", "list", "--api-base-url", url)
            }
            Self.expectClearError(
                try await list("http://127.0.0.1:\(closed)/client/v4"), status: 1, mentions: "127.0.0.1:\(closed)",
                token: bench.token)
            Self.expectClearError(
                try await list("http://no-such-host.invalid"), status: 1, mentions: "no-such-host.invalid")
            Self.expectClearError(try await list("ftp://example.com"), status: 1, mentions: "ftp://example.com")
            let plain = bench.environment["CLOUDFLARE_BASE_URL"].flatMap { $0 } ?? ""
            Self.expectClearError(
                try await list(plain.replacingOccurrences(of: "http://", with: "https://")), status: 1,
                mentions: "does not speak TLS", token: bench.token)
            for (answer, text) in answers {
                try await ScriptedServer.withServer({ _, _ in answer }) { server in
                    Self.expectClearError(
                        try await list("http://127.0.0.1:\(server.port)"), status: 1, mentions: text, token: bench.token
                    )
                }
            }
        }
    }

    @Test func `archives that are not whole are refused, and nothing is sent`() async throws {
        try await Workbench.withServer { bench in
            try await bench.load("n", records: 300)
            let archive = try await bench.kvark("backup", "n", "--to", "vault").lastLine
            _ = try await bench.kvark("namespace", "create", "target")
            let requests = try bench.requestCount()
            func attempt(_ damage: String, verify: Int32, restore: Int32) async throws {
                let made = try await bench.bash(
                    "rm -rf damaged && cp -r '\(archive)' damaged && cd damaged && \(damage)")
                #expect(made.status == 0, "\(made.errorText)")
                let verified = try await bench.kvark("verify", "damaged")
                #expect(verified.status == verify, "\(damage): \(verified.outputText)\(verified.errorText)")
                let target = "target"
                let restored = try await bench.kvark("restore", "damaged", "--to", target)
                #expect(restored.status == restore, "\(damage): \(restored.errorText)")
            }
            try await attempt("rm manifest.json", verify: 1, restore: 1)
            try await attempt("rm part-000000.ndjson.zst", verify: 4, restore: 4)
            try await attempt(
                "printf X | dd of=part-000000.ndjson.zst bs=1 seek=100 conv=notrunc status=none", verify: 4, restore: 4)
            try await attempt("truncate -s -1 part-000000.ndjson.zst", verify: 4, restore: 4)
            try await attempt("echo >> RESTORE.txt", verify: 4, restore: 4)
            try await attempt("sed -i 's/\"major\": 1/\"major\": 2/' manifest.json", verify: 1, restore: 1)
            try await attempt("touch stranger", verify: 4, restore: 4)
            try await attempt("ln -sf /etc/passwd part-000000.ndjson.zst", verify: 4, restore: 4)
            let sent = try await bench.bash("tail -n +\(requests + 1) requests.ndjson | jq -r .route | sort -u")
            #expect(
                !sent.outputText.contains("bulk-put") && !sent.outputText.contains("value-put"), "\(sent.outputText)")
        }
    }

    @Test func `places that cannot be written are named, and no archive is left that looks whole`() async throws {
        try await Workbench.withServer { bench in
            try await bench.load("n", records: 2_000)
            try Data("a file".utf8).write(to: URL(filePath: "\(bench.folder)/file"))
            Self.expectClearError(try await bench.kvark("backup", "n", "--to", "file"), status: 1, mentions: "file")
            Self.expectClearError(
                try await bench.kvark("backup", "n", "--to", "file/below"), status: 1, mentions: "file")
            // A limit on file sizes stands for a full disk: the system refuses the write in the same place.
            let full = try await bench.bash(
                "trap '' XFSZ; ulimit -f 1; \"$KVARK\" backup n --to full --level 1 || exit $?")
            Self.expectClearError(full, status: 1, mentions: "full/n/")
            #expect(!(try await bench.kvark("list", "full", "--json").outputText.contains("\"isComplete\":true")))
            let roomy = try await bench.kvark("backup", "n", "--to", "full", "--level", "1")
            #expect(roomy.status == 0, "\(roomy.errorText)")
            #expect(try await bench.kvark("verify", "full/n/latest").status == 0)
            let output = try await bench.bash(
                "archive=$(\"$KVARK\" backup n --to vault 2>backup.err); \"$KVARK\" cat \"$archive\" >/dev/full")
            Self.expectClearError(output, status: 1, mentions: "standard output")
            let piped = try await bench.bash("\"$KVARK\" cat vault/n/latest | head -n 1")
            #expect(
                piped.status == 141 && piped.outputLines.count == 1 && piped.errorText.isEmpty, "\(piped.errorText)")
        }
    }

    @Test func `wrong usage exits with 64 and says what is right`() async throws {
        let huge = "9223372036854775807"
        let lines: [[String]] = [
            ["backup"], ["backup", "n"], ["backup", "--to", "v"], ["backup", "n", "--all", "--to", "v"],
            ["backup", "n", "--to", "v", "--level", "99"], ["restore", "a"], ["diff", "a"], ["nonsense"],
            ["import", "f"], ["import", "-", "-", "--to", "n"],
            ["key", "put", "n", "k"], ["bulk", "get", "n"], ["bulk", "delete", "n"],
            ["key", "put", "n", "k", "v", "--ttl", "60", "--expiration", "1"],
            ["show", "a", "--quick", "--html", "f"], ["show", "a", "--json", "--html", "-"],
            ["show", "a", "--html", ""],
            ["serve", "--rate-limit", "1/9223372036854775807"], ["serve", "--latency", "9223372036854775807"],
            ["serve", "--port", "9223372036854775807"], ["backup", "n", "--to", "v", "--concurrency", huge],
            ["backup", "--all", "--to", "v", "--parallel", huge], ["cat", "a", "--chunk-records", huge],
            ["cat", "a", "--limit", "99999999999999999999"], ["plan", "--keys", huge],
            ["plan", "--keys", "1", "--value-bytes", huge], ["verify", "a", "--sample", "1e308%"],
            ["verify", "a", "--sample", "nan"], ["key", "put", "n", "k", "v", "--ttl", "1e308"],
            ["serve", "--rate-limit", "fast"], ["serve", "--latency", "-1"], ["serve", "--latency", "soon"],
            ["serve", "--host", "0.0.0.0"],
            ["backup", "n", "--to", "v", "--token", "t"],
        ]
        for arguments in lines {
            let outcome = try await CommandRunner.run(CommandRunner.kvark, arguments)
            #expect(outcome.status == 64, "\(arguments): \(outcome.errorText)")
            #expect(outcome.errorText.contains("Usage:"), "\(arguments)")
        }
    }

    @Test func `the largest numbers are numbers as others`() async throws {
        try await Workbench.withServer { bench in
            try await bench.load("n", records: 300)
            let huge = "9223372036854775807"
            let archive = try await bench.kvark(
                "backup", "n", "--to", "vault", "--requests-per-5-minutes", huge, "--leave-requests", huge
            ).lastLine
            let lines: [[String]] = [
                ["cat", archive, "--limit", huge], ["plan", "--keys", "100000000000", "--value-bytes", "26214400"],
                ["restore", archive, "--to", "n", "--mirror", "--max-delete", huge, "--dry-run"],
                ["restore", archive, "--to", "n", "--merge", "--limit", huge],
            ]
            for arguments in lines {
                let outcome = try await bench.kvark(arguments)
                #expect(outcome.status == 0, "\(arguments): \(outcome.errorText)")
            }
            Self.expectClearError(
                try await bench.kvark("key", "put", "n", "k", "v", "--ttl", huge), status: 1, mentions: "10034",
                token: bench.token)
            let put = try await bench.kvark("key", "put", "n", "k", "v", "--expiration", "9007199254740991")
            #expect(put.status == 0, "\(put.errorText)")
            let copied = try await bench.kvark("backup", "n", "--to", "vault")
            #expect(copied.status == 0, "\(copied.errorText)")
            #expect(try await bench.kvark("show", copied.lastLine).status == 0)
            #expect(try await bench.kvark("verify", copied.lastLine).status == 0)
        }
    }

    @Test func `a manifest that claims the largest numbers is shown, planned with and compared with`() async throws {
        try await Workbench.withServer { bench in
            try await bench.load("n", records: 300)
            let archive = try await bench.kvark("backup", "n", "--to", "vault").lastLine
            let made = try await bench.bash(
                """
                sed -i -E 's/"(valueBytes|base64Values|recordsWithMetadata|recordsWithExpiration|floor|retries|keys[A-Za-z]*|key-list|bulk-get)": [0-9]+/"\\1": 9223372036854775807/' '\(archive)/manifest.json'
                grep -c 9223372036854775807 '\(archive)/manifest.json'
                """)
            #expect(made.status == 0 && (Int(made.lastLine) ?? 0) >= 8, "\(made.outputText)\(made.errorText)")
            let lines: [[String]] = [
                ["plan", archive], ["plan", archive, "--json"], ["list", "vault"], ["list", "vault", "--json"],
                ["show", archive, "--quick"], ["show", archive, "--quick", "--json"],
                ["backup", "n", "--to", "vault", "--dry-run"],
                ["restore", archive, "--to", "n", "--merge", "--dry-run"],
            ]
            for arguments in lines {
                let outcome = try await bench.kvark(arguments)
                #expect(![132, 133].contains(outcome.status) && !outcome.wasSignalled, "\(arguments)")
                #expect(!outcome.errorText.contains("Fatal error"), "\(outcome.errorText)")
            }
            #expect(try await bench.kvark("plan", archive).status == 0)
            #expect(try await bench.kvark("verify", archive).status == 4)
        }
    }

    @Test func `every command explains itself`() async throws {
        let commands = [
            [], ["backup"], ["restore"], ["verify"], ["diff"], ["list"], ["show"], ["cat"], ["import"], ["get"],
            ["serve"],
            ["namespace"], ["namespace", "create"], ["key"], ["key", "put"], ["bulk"], ["bulk", "get"],
            ["bulk", "put"],
        ]
        for command in commands {
            let outcome = try await CommandRunner.run(CommandRunner.kvark, command + ["--help"])
            #expect(outcome.status == 0 && outcome.outputText.contains("USAGE: kvark"), "\(command)")
        }
        #expect(try await CommandRunner.run(CommandRunner.kvark, ["--version"]).outputText == "0.1.0\n")
    }
}
