import Foundation
import KVTestSupport
import Testing

/// The README's crontab, run as cron runs it.
@Suite struct CrontabTests {
    /// A crontab: its variables, and the command of its one job.
    private struct Crontab {
        var variables: [(name: String, value: String)] = []
        var command = ""

        init() throws {
            let readme = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
                .deletingLastPathComponent().appending(path: "README.md")
            let text = try String(contentsOf: readme, encoding: .utf8)
            let blocks = text.components(separatedBy: "```\n").filter { $0.contains("* * * kvark") }
            try #require(blocks.count == 1)
            for line in blocks[0].split(separator: "\n") {
                if let variable = line.wholeMatch(of: /([A-Z_]+)=(.*)/) {
                    variables.append((String(variable.1), String(variable.2)))
                } else {
                    // In a crontab a percent sign ends the command.
                    try #require(command.isEmpty && !line.contains("%"))
                    command = line.split(separator: " ", maxSplits: 5).last.map(String.init) ?? ""
                }
            }
        }
    }

    /// Runs the job with cron's environment and no more; what is the machine's own is replaced by the test's.
    private static func run(_ bench: Workbench, token: String = "server/token") async throws -> CommandRunner.Outcome {
        let crontab = try Crontab()
        let bin = URL(filePath: CommandRunner.kvark).deletingLastPathComponent().path
        var variables = ["HOME=\(bench.folder)", "LOGNAME=backup", "SHELL=/bin/sh", "PATH=/usr/bin:/bin"]
        for (name, value) in crontab.variables {
            switch name {
            case "PATH":
                #expect(value.split(separator: ":").contains("/usr/local/bin"))
                variables.append("PATH=\(value.replacing("/usr/local/bin", with: bin))")
            case "CLOUDFLARE_ACCOUNT_ID":
                variables.append("\(name)=\((bench.environment[name] ?? nil) ?? "")")
            default: variables.append("\(name)=\(value)")
            }
        }
        variables.append("CLOUDFLARE_API_BASE_URL=\((bench.environment["CLOUDFLARE_API_BASE_URL"] ?? nil) ?? "")")
        #expect(crontab.command.contains(" --to /srv/vault ") && crontab.command.contains(" /etc/kvark/token "))
        let command = crontab.command.replacing("/srv/vault", with: "\(bench.folder)/vault")
            .replacing("/etc/kvark/token", with: "\(bench.folder)/\(token)")
        return try await CommandRunner.run(
            "/usr/bin/env", ["-i"] + variables + ["/bin/sh", "-c", command], environment: [:],
            folder: URL(filePath: "/"))
    }

    @Test func `a good night prints nothing`() async throws {
        try await Workbench.withServer { bench in
            try await bench.loadMixed("sessions", records: 500)
            try await bench.loadMixed("users", records: 10)
            for _ in 1...2 {
                let outcome = try await Self.run(bench)
                #expect(outcome.status == 0)
                #expect(outcome.output.isEmpty, "\(outcome.outputText)")
                #expect(outcome.errorText.isEmpty, "\(outcome.errorText)")
            }
            let list = try await bench.kvark("list", "vault")
            #expect(list.outputText.split(separator: "\n").count == 4)
        }
    }

    @Test func `a namespace that fails is named, and the others are kept`() async throws {
        try await Workbench.withServer { bench in
            try await bench.loadMixed("sessions", records: 10)
            try await bench.loadMixed("users", records: 10)
            // A file stands where the archives of one of them should go.
            let blocked = try await bench.bash("mkdir vault; echo >vault/sessions")
            #expect(blocked.status == 0)
            let outcome = try await Self.run(bench)
            #expect(outcome.status == 3)
            #expect(outcome.output.isEmpty, "\(outcome.outputText)")
            #expect(outcome.errorText.contains("\"sessions\": ") && outcome.errorText.contains("vault/sessions"))
            #expect(!outcome.errorText.contains("users"), "\(outcome.errorText)")
            #expect(try await bench.kvark("verify", "vault/users/latest").status == 0)
        }
    }

    @Test func `an account without namespaces is no good night`() async throws {
        try await Workbench.withServer { bench in
            let outcome = try await Self.run(bench)
            #expect(outcome.status == 0)
            #expect(outcome.errorText.contains("has no namespaces"))
        }
    }

    @Test func `a bad night says what is wrong`() async throws {
        try await Workbench.withServer { bench in
            try await bench.loadMixed("sessions", records: 10)
            let wrong = try await bench.bash("echo wrong-token-wrong-token >wrong")
            #expect(wrong.status == 0)
            let refused = try await Self.run(bench, token: "wrong")
            #expect(refused.status == 1)
            #expect(refused.output.isEmpty)
            #expect(refused.errorText.contains("credentials"), "\(refused.errorText)")
            #expect(!refused.errorText.contains("wrong-token"))

            let missing = try await Self.run(bench, token: "nowhere")
            #expect(missing.status == 1)
            #expect(missing.errorText.contains("nowhere"))

            bench.server.terminate()
            try await bench.server.ended()
            let down = try await Self.run(bench)
            #expect(down.status == 1)
            #expect(down.output.isEmpty)
            #expect(down.errorText.contains("127.0.0.1"), "\(down.errorText)")
        }
    }
}
