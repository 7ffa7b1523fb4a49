import CommandArguments
import Foundation
import KVTestSupport
import Testing
import kvark

@Suite struct ManualTests {
    /// Runs a test with the manual in a file.
    private func withManual(_ body: (URL) async throws -> Void) async throws {
        let page = try await CommandRunner.output(of: CommandRunner.kvark, ["--generate-manual"])
        try await withTemporaryFolder { folder in
            let file = folder.appending(path: "kvark.1")
            try Data(page).write(to: file)
            try await body(file)
        }
    }

    @Test func `mandoc finds nothing wrong with the manual`() async throws {
        try await withManual { file in
            let outcome = try await CommandRunner.run("mandoc", ["-T", "lint", "-W", "warning", file.path])
            #expect(outcome.status == 0 && outcome.output.isEmpty, "\(outcome.outputText)\(outcome.errorText)")
        }
    }

    @Test func `man shows every command and option, without warnings`() async throws {
        try await withManual { file in
            let outcome = try await CommandRunner.run(
                "man", ["--warnings", "-l", file.path],
                environment: CommandRunner.environment(changing: [
                    "MANWIDTH": "100", "MANPAGER": "cat", "LC_ALL": "C.UTF-8",
                ]))
            #expect(outcome.status == 0 && outcome.errorText.isEmpty, "\(outcome.errorText)")
            for command in CommandNode(root: Kvark.self).all {
                #expect(outcome.outputText.contains(command.name))
                for name in command.declarations.flatMap(\.names) { #expect(outcome.outputText.contains(name)) }
            }
        }
    }

    @Test func `a build that is to be repeatable sets the date of the manual`() async throws {
        let page = try await CommandRunner.output(
            of: CommandRunner.kvark, ["--generate-manual"],
            environment: CommandRunner.environment(changing: ["SOURCE_DATE_EPOCH": "86400"]))

        #expect(String(decoding: page, as: UTF8.self).hasPrefix(".TH KVARK 1 \"1970-01-02\" \"kvark 0.1.0\""))
    }

    @Test func `the reference has every command and option`() async throws {
        let text = String(
            decoding: try await CommandRunner.output(of: CommandRunner.kvark, ["--generate-reference"]), as: UTF8.self)

        for command in CommandNode(root: Kvark.self).all {
            #expect(text.contains("# `\(command.name)`\n"))
            for name in command.declarations.flatMap(\.names) { #expect(text.contains(name)) }
        }
        #expect(text.split(separator: "```", omittingEmptySubsequences: false).count % 2 == 1)
    }
}
