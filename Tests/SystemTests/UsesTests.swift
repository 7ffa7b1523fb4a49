import Foundation
import KVTestSupport
import Testing

/// The README's pages for the three uses, followed line by line against two embedded servers.
@Suite struct UsesTests {
    /// The lines of a page's shell blocks, each with the exit code that it promises.
    private static func steps(of page: String) throws -> [(line: String, status: Int32)] {
        let readme = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "README.md")
        let text = try String(contentsOf: readme, encoding: .utf8)
        let section = try #require(text.components(separatedBy: "\n## \(page)\n").dropFirst().first)
        let own = try #require(section.components(separatedBy: "\n## ").first)
        let blocks = own.components(separatedBy: "```sh\n").dropFirst().compactMap {
            $0.components(separatedBy: "\n```").first
        }
        return blocks.flatMap { $0.split(separator: "\n") }.map { line in
            let code = line.components(separatedBy: "# exits with ").dropFirst().first
            return (String(line), code.flatMap { Int32($0.prefix { $0.isNumber }) } ?? 0)
        }
    }

    private static func follow(_ page: String, _ bench: Workbench, _ environment: [String: String?]) async throws {
        let steps = try steps(of: page)
        #expect(!steps.isEmpty)
        for step in steps {
            let outcome = try await bench.bash(step.line, environment: environment)
            #expect(outcome.status == step.status, "\(step.line)\n\(outcome.outputText)\n\(outcome.errorText)")
        }
    }

    /// The variables for the pages: the command in the path, and both servers as profiles.
    private static func environment(old: Workbench, new: Workbench) -> [String: String?] {
        let folder = URL(filePath: CommandRunner.kvark).deletingLastPathComponent().path
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
        var environment: [String: String?] = ["PATH": "\(folder):\(path)"]
        for (profile, bench) in [("OLD", old), ("NEW", new)] {
            for name in ["API_TOKEN", "ACCOUNT_ID", "API_BASE_URL"] {
                environment["KVARK_\(profile)_\(name)"] = bench.environment["CLOUDFLARE_\(name)"] ?? nil
            }
        }
        return environment
    }

    @Test func `each page is right to the last line`() async throws {
        try await Workbench.withServer { new in
            try await Workbench.withServer { old in
                let environment = Self.environment(old: old, new: new)
                try await old.loadMixed("sessions", records: 2_000)
                _ = try await old.kvark("key", "put", "sessions", "user:1", "good", "--metadata", "{\"v\":1.0}")
                _ = try await old.bash("cp server/token token")
                try await Self.follow("A nightly backup", old, environment)
                _ = try await old.bash("rm token")

                // A bad deploy: one record changed, one lost, two that nobody wants.
                let damage = try await old.bash(
                    """
                    "$KVARK" key put sessions user:1 bad
                    "$KVARK" key delete sessions "$("$KVARK" key list sessions | sed -n 5p)"
                    for key in junk:1 zz; do "$KVARK" key put sessions $key junk; done
                    """)
                #expect(damage.status == 0, "\(damage.errorText)")
                try await Self.follow("Disaster recovery", old, environment)
                #expect(try await old.kvark("key", "get", "sessions", "user:1").outputText == "good")
                #expect(try await old.kvark("diff", "sessions", "sessions-restored").status == 0)

                try await Self.follow("Moving to another account", old, environment)
                #expect(try await new.kvark("key", "get", "sessions", "user:1").outputText == "good")
            }
        }
    }
}
