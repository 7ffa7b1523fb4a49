import Foundation
import KVTestSupport
import Testing

/// The README's pages, followed line by line against embedded servers.
@Suite struct UsesTests {
    private static let repository = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// A section of the README, up to the next.
    private static func section(_ title: String) throws -> String? {
        let text = try String(contentsOf: repository.appending(path: "README.md"), encoding: .utf8)
        return text.components(separatedBy: "\n## \(title)\n").dropFirst().first?.components(separatedBy: "\n## ").first
    }

    /// The blocks of a language.
    private static func blocks(_ language: String, of section: String) -> [String] {
        section.components(separatedBy: "```\(language)\n").dropFirst().compactMap {
            $0.components(separatedBy: "\n```").first
        }
    }

    /// The lines of a page's shell blocks, each with the exit code that it promises.
    private static func steps(of page: String) throws -> [(line: String, status: Int32)] {
        let section = try #require(try section(page))
        return blocks("sh", of: section).flatMap { $0.split(separator: "\n") }.map { line in
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

    @Test func `the first round ends with the same records`() async throws {
        try await Workbench.withServer { bench in
            try await Self.follow("A first round", bench, Self.environment(old: bench, new: bench))
            #expect(try await bench.kvark("diff", "sessions", "sessions-copy").lastLine == "identical: 1 record")
        }
    }

    /// Compiled against the modules of this build: it uses what there is, by the names that it has.
    @Test func `the program of the library's page compiles`() async throws {
        let section = try #require(try Self.section("The library"))
        let program = try #require(Self.blocks("swift", of: section).first)
        try await withTemporaryFolder { folder in
            try Data(program.utf8).write(to: folder.appending(path: "Example.swift"))
            let modules = URL(filePath: CommandRunner.kvark).deletingLastPathComponent().appending(path: "Modules")
            let outcome = try await CommandRunner.run(
                "swiftc",
                ["-typecheck", "-parse-as-library", "-swift-version", "6", "-warnings-as-errors", "-I", modules.path]
                    + ["CCurl", "CCrypto"].flatMap { ["-I", Self.repository.appending(path: "Sources/\($0)").path] }
                    + ["Example.swift"],
                folder: folder)
            #expect(outcome.status == 0, "\(outcome.errorText)")
        }
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
