import Foundation
import KVTestSupport
import Testing

/// No token in anything that is written: each ``Workbench`` looks through all that its test leaves behind.
@Suite struct TokenTests {
    @Test func `a token that was written somewhere is found`() async throws {
        try await withTemporaryFolder { folder in
            let script = """
                set -e
                mkdir -p server vault/n && cd vault/n
                printf 'a %s b' secret-token > plain
                { printf '\\0\\n'; printf secret-token; } | zstd -q -o part.zst
                printf 'secret-taken' > harmless
                printf 'secret-token' > ../../server/token
                """
            let outcome = try await CommandRunner.run("bash", ["-c", script], folder: folder)
            try #require(outcome.status == 0)
            let leaks = try await TokenLeaks.find("secret-token", in: folder.path)
            #expect(leaks == ["./vault/n/part.zst", "./vault/n/plain"])
        }
    }

    @Test func `no command writes its token, however much it is asked to say and whatever goes wrong`() async throws {
        try await Workbench.withServer { bench in
            try await bench.load("n", records: 500)
            let address = try #require(bench.environment["CLOUDFLARE_API_BASE_URL"].flatMap { $0 })
            let elsewhere = ["CLOUDFLARE_API_BASE_URL": "\(address)/elsewhere"]
            let wrong = ["CLOUDFLARE_API_TOKEN": "\(bench.token)x"]
            for arguments in [
                ["namespace", "list"], ["key", "list", "n"], ["backup", "n", "--to", "vault"],
                ["restore", "vault/n/latest", "--to", "n2", "--create"], ["diff", "vault/n/latest", "n2"],
                ["show", "vault/n/latest"], ["show", "vault/n/latest", "--html", "n.html"],
                ["verify", "vault/n/latest"], ["list", "vault"],
            ] {
                let outcome = try await bench.kvark(arguments + ["--verbose", "--json"])
                #expect(outcome.status == 0, "\(arguments): \(outcome.errorText)")
            }
            for (environment, message) in [(elsewhere, "CLOUDFLARE_API_BASE_URL"), (wrong, "CLOUDFLARE_API_TOKEN")] {
                let outcome = try await bench.kvark(
                    "backup", "n", "--to", "vault", "--verbose", environment: environment)
                #expect(outcome.status == 1)
                #expect(outcome.errorText.contains(message), "\(outcome.errorText)")
            }
        }
    }
}
