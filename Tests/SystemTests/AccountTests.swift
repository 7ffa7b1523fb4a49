import Foundation
import KVTestSupport
import Synchronization
import Testing

/// Jobs for all namespaces of an account.
@Suite struct AccountTests {
    private static let titles = ["a", "b/slash", "emoji 😀", "0f2ac74b498b48028cb68387c421e279", "empty"]

    /// Two servers without namespaces; the other one is reached as `kv://other/` with the variables.
    private static func withProfile(
        _ options: [String] = [], _ body: (Workbench, Workbench, [String: String?]) async throws -> Void
    ) async throws {
        try await Workbench.withServer(options) { other in
            try await Workbench.withServer(options) { bench in
                let profile = Dictionary(
                    uniqueKeysWithValues: ["API_TOKEN", "ACCOUNT_ID", "API_BASE_URL"].map {
                        ("KVARK_OTHER_\($0)", other.environment["CLOUDFLARE_\($0)"] ?? nil)
                    })
                try await body(bench, other, profile)
            }
        }
    }

    /// A server with namespaces of odd titles, and another that is reached as `kv://other/`.
    private static func withAccounts(
        _ options: [String] = [], _ body: (Workbench, Workbench, [String: String?]) async throws -> Void
    ) async throws {
        try await withProfile(options) { bench, other, profile in
            for title in titles.dropLast() { try await bench.load(title, records: 1_200) }
            _ = try await bench.kvark("namespace", "create", "empty")
            _ = try await bench.kvark("key", "put", "a", "bytes", "--path", "/bin/true")
            try await body(bench, other, profile)
        }
    }

    private static func checkAllAreThere(_ bench: Workbench, _ environment: [String: String?]) async throws {
        for title in titles {
            let diff = try await bench.kvark("diff", "kv:///\(title)", "kv://other/\(title)", environment: environment)
            #expect(diff.status == 0, "\(title): \(diff.outputText) \(diff.errorText)")
        }
    }

    @Test(arguments: ["1", "8"]) func `all namespaces are backed up, and restored into an account that has none`(
        parallel: String
    ) async throws {
        try await Self.withAccounts { bench, other, environment in
            let backup = try await bench.kvark("backup", "--all", "--to", "vault", "--parallel", parallel)
            #expect(backup.status == 0, "\(backup.errorText)")
            #expect(backup.outputText.split(separator: "\n").count == 5)
            #expect(backup.errorText.contains("5 of 5 namespaces whole"), "\(backup.errorText)")

            let dry = try await bench.kvark(
                "restore", "--all", "vault", "--to", "kv://other/", "--dry-run", environment: environment)
            #expect(dry.status == 0 && dry.errorText.contains("dry run: 1,201 written"), "\(dry.errorText)")
            #expect(try await other.kvark("namespace", "list").outputText.isEmpty)

            let restore = try await bench.kvark(
                "restore", "vault", "--all", "--to", "kv://other/", "--parallel", parallel, environment: environment)
            #expect(restore.status == 0, "\(restore.errorText)")
            try await Self.checkAllAreThere(bench, environment)
        }
    }

    @Test func `a failure of one namespace leaves the others, and ends with 3 and its name`() async throws {
        try await Self.withAccounts { bench, other, environment in
            try await other.load("emoji 😀", records: 3)
            func copy(_ options: String...) async throws -> CommandRunner.Outcome {
                try await bench.kvark(["copy", "--all", "kv:///", "kv://other/"] + options, environment: environment)
            }
            let failed = try await copy("--json")
            #expect(failed.status == 3, "\(failed.errorText)")
            #expect(failed.errorText.contains("4 of 5 namespaces whole"), "\(failed.errorText)")
            #expect(failed.errorText.contains("FAILED: namespace \"emoji 😀\" is not empty"), "\(failed.errorText)")
            struct Line: Decodable { var namespace: String, error: String?, written: Int? }
            let lines = try failed.outputText.split(separator: "\n").map {
                try JSONDecoder().decode(Line.self, from: Data($0.utf8))
            }
            #expect(Set(lines.map(\.namespace)) == Set(Self.titles))
            #expect(lines.filter { $0.error != nil }.map(\.namespace) == ["emoji 😀"])
            #expect(lines.compactMap(\.written).reduce(0, +) == 3_601)

            // Nobody is asked among several at once.
            let unasked = try await copy("--mirror", "--differential")
            #expect(unasked.status == 0, "\(unasked.errorText)")
            try await Self.checkAllAreThere(bench, environment)
            _ = try await other.kvark("key", "put", "a", "only here", "1")
            let refused = try await copy("--mirror", "--differential")
            #expect(refused.status == 3 && refused.errorText.contains("would delete 1 keys"), "\(refused.errorText)")
            #expect(try await copy("--mirror", "--differential", "--max-delete", "1").status == 0)
            try await Self.checkAllAreThere(bench, environment)

            let twice = try await bench.bash(
                """
                "$KVARK" backup --all --to vault && cp -r vault/a vault/again
                "$KVARK" restore --all vault --to kv://other/ --merge && exit 9 || [ $? = 1 ]
                rm -r vault
                """, environment: environment)
            #expect(
                twice.status == 0 && twice.errorText.contains("several folders of the vault"), "\(twice.errorText)")
            // Without any finished archive there is nothing to restore of one; the rest is.
            _ = try await bench.kvark("backup", "--all", "--to", "vault")
            let broken = try await bench.bash("rm vault/a/*/manifest.json")
            #expect(broken.status == 0, "\(broken.errorText)")
            let restore = try await bench.kvark(
                "restore", "--all", "vault", "--to", "kv://other/", "--merge", environment: environment)
            #expect(restore.status == 3 && restore.errorText.contains("4 of 5"), "\(restore.errorText)")
        }
    }

    @Test func `what is taken from one vault is whole, of one account, and of the keys that a pipe has named`()
        async throws
    {
        try await Self.withAccounts { bench, other, environment in
            let outcome = try await bench.bash(
                """
                "$KVARK" backup --all --to vault
                "$KVARK" backup a --prefix key:0000001 --to vault
                "$KVARK" restore --all vault --to kv://other/
                [ "$("$KVARK" key list kv://other/a | wc -l)" = 1201 ]
                printf 'key:00000001\nkey:00000002\n' |
                    "$KVARK" copy --all kv:/// kv://other/ --merge --keys-from - --json > named || [ $? = 3 ]
                [ "$(jq -s 'map(.written) | add' named)" = 8 ]
                rm -r vault/a/*; "$KVARK" backup a --prefix key:0000001 --to vault
                "$KVARK" restore --all vault --to kv://other/ --merge && exit 9 || [ $? = 3 ]
                "$KVARK" backup kv://other/empty --to vault && exit 9 || [ $? = 1 ]
                "$KVARK" backup kv://other/empty --to vault --dry-run && exit 9 || [ $? = 1 ]
                """, environment: environment)
            #expect(outcome.status == 0, "\(outcome.outputText) \(outcome.errorText)")
            #expect(outcome.errorText.contains("of some keys only"))
            let mixed = try await other.bash(
                """
                "$KVARK" namespace create alone; "$KVARK" backup alone --to "\(bench.folder)/vault"
                "$KVARK" restore --all "\(bench.folder)/vault" --mirror --yes && exit 9 || [ $? = 1 ]
                """)
            #expect(mixed.status == 0 && mixed.errorText.contains("of several accounts"), "\(mixed.errorText)")
        }
    }

    @Test func `a title that is the id of another namespace is a title all the same`() async throws {
        try await Self.withProfile { bench, other, environment in
            let created = try await other.kvark("namespace", "create", "innocent")
            let id = try #require(created.outputText.split(separator: " ").first.map(String.init))
            _ = try await bench.kvark("namespace", "create", id)
            _ = try await bench.kvark("key", "put", id, "k", "v")
            #expect(try await bench.kvark("backup", "--all", "--to", "vault").status == 0)
            let restore = ["restore", "--all", "vault", "--to", "kv://other/"]
            for command in [restore, ["copy", "--all", "kv:///", "kv://other/", "--merge"]] {
                let outcome = try await bench.kvark(command, environment: environment)
                #expect(outcome.status == 0, "\(outcome.errorText)")
                let titles = try await other.kvark("namespace", "list").outputLines.map { $0.dropFirst(34) }
                #expect(titles.sorted() == [id[...], "innocent"].sorted(), "\(titles)")
                #expect(try await other.kvark("key", "list", "kv:///innocent").output.isEmpty)
                let deleted = try await other.bash(
                    "\"$KVARK\" namespace delete --yes \"$(\"$KVARK\" namespace list | awk '$2 == \"\(id)\" { print $1 }')\""
                )
                #expect(deleted.status == 0, "\(deleted.errorText)")
            }
        }
    }

    @Test func `lines of JSON stay whole however long they are`() async throws {
        try await Self.withProfile { bench, other, environment in
            // Records that expire before they could be written are named, a hundred of each namespace.
            let long = String(repeating: "x", count: 500)
            let lines = (0..<110).map { "{\"key\":\"\($0)\(long)\",\"value\":\"v\",\"expiration_ttl\":61}\n" }
            for title in ["n1", "n2", "n3", "n4", "n5", "n6", "n7", "n8"] {
                _ = try await bench.kvark("namespace", "create", title)
                let put = try await bench.kvark("bulk", "put", title, "-", input: Array(lines.joined().utf8))
                #expect(put.status == 0, "\(put.errorText)")
            }
            try await other.load("n8", records: 1)
            #expect(try await bench.kvark("backup", "--all", "--to", "vault").status == 0)
            // A reader that is late fills the pipe, so that no line is written at one go.
            let script = """
                ("$KVARK" restore --all vault --to kv://other/ --dry-run --json --parallel 8 || echo $? >status) |
                    (sleep 0.5; cat) >lines
                cat status; jq -c '[.namespace, .expired]' lines | sort
                """
            for _ in 0..<3 {
                let outcome = try await bench.bash(script, environment: environment)
                #expect(outcome.status == 0, "\(outcome.errorText)")
                let expected = (1...7).map { "[\"n\($0)\",110]" } + ["[\"n8\",null]"]
                #expect(outcome.outputLines == ["3"] + expected, "\(outcome.outputText)")
            }
        }
    }

    @Test func `a namespace whose first backup was never finished is not passed over`() async throws {
        try await Self.withProfile { bench, other, environment in
            try await bench.load("n", records: 10)
            _ = try await bench.kvark("backup", "n", "--to", "vault")
            _ = try await bench.bash("mkdir -p vault/m/2026-11-25T000000Z.unfinished/read")
            let restore = try await bench.kvark(
                "restore", "--all", "vault", "--to", "kv://other/", environment: environment)
            #expect(restore.status == 3, "\(restore.errorText)")
            for part in ["1 of 2 namespaces whole", "no archive here was finished"] {
                #expect(restore.errorText.contains(part), "\(restore.errorText)")
            }
            #expect(try await other.kvark("key", "list", "n").outputLines.count == 10)
        }
    }

    @Test func `a signal ends all with its own code, also when the job under way was done`() async throws {
        try await Self.withProfile { bench, _, _ in
            for index in 0..<12 { _ = try await bench.kvark("namespace", "create", "n\(index)") }
            let isSlow = Mutex(true)
            let plan = FaultPlan.scripted { _, _ in isSlow.withLock { $0 } ? .delay : nil }
            try await FaultProxy.withProxy(to: try bench.port, plan: plan) { proxy in
                let environment = ["CLOUDFLARE_API_BASE_URL": "http://127.0.0.1:\(proxy.port)/client/v4"]
                let backup = ["backup", "--all", "--to", "vault", "--parallel", "1"]
                let stopped = try bench.start(backup, environment: environment)
                // An empty namespace takes one request: what is asked for when the signal comes is all that is left of it.
                while stopped.isRunning, proxy.forwarded < 4 { try await Task.sleep(for: .milliseconds(1)) }
                kill(stopped.processIdentifier, SIGINT)
                try await stopped.ended()
                let said = try String(contentsOfFile: "\(bench.folder)/started.err", encoding: .utf8)
                #expect(stopped.terminationStatus == 130, "\(said)")
                #expect(said.contains("not begun") && said.contains("interrupted by SIGINT"), "\(said)")
                isSlow.withLock { $0 = false }
                let again = try await bench.kvark(backup, environment: environment)
                #expect(again.status == 0, "\(again.errorText)")
                #expect(again.errorText.contains("12 of 12 namespaces whole"), "\(again.errorText)")
            }
        }
    }

    @Test func `several at once stay within the limit that they share`() async throws {
        try await Self.withAccounts(["--rate-limit", "100/5"]) { bench, _, _ in
            try bench.clearLog()
            let backup = try await bench.kvark("backup", "--all", "--to", "vault", "--parallel", "5")
            #expect(backup.status == 0, "\(backup.errorText)")
            #expect(try bench.requests().allSatisfy { $0.status != 429 })
        }
    }

    @Test(
        arguments: [
            (["copy", "--all", "a", "kv://x/"], 64), (["copy", "kv://x/", "a"], 64),
            (["restore", "v", "--to", "kv://x/"], 64),
            (["restore", "v", "--all", "--to", "n"], 64), (["restore", "v"], 64),
            (["backup", "--all", "a", "--to", "v"], 64),
            (["backup", "kv://x/", "--to", "v"], 64), (["backup", "a", "--parallel", "2", "--to", "v"], 64),
            (["copy", "--all", "kv:///", "kv:///", "--create"], 64), (["copy", "--all", "kv:///", "kv:///"], 1),
            (["copy", "a", "b", "--mirror", "--match", "x*"], 64),
            (["import", "-", "--keys-from", "-", "--to", "b"], 64),
            (["copy", "a", "b", "--rename-prefix", "a=b", "--rename-prefix", "a=c"], 64),
            (["copy", "a", "b", "--mirror", "--yes", "--max-delete", "3"], 64),
        ] as [([String], Int32)]) func `what does not go together is refused`(
            arguments: [String], status: Int32
        ) async throws
    {
        try await Workbench.withServer { bench in
            let outcome = try await bench.kvark(arguments)
            #expect(outcome.status == status, "\(arguments): \(outcome.errorText)")
        }
    }
}
