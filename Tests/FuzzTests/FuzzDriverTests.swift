import Foundation
import KVTestSupport
import Testing

/// The driver sees what goes wrong: targets that are wrong on purpose are found out.
@Suite struct FuzzDriverTests {
    /// The driver, beside the test bundle.
    private static let driver = URL(filePath: CommandRunner.kvark).deletingLastPathComponent()
        .appending(path: "KVFuzz").path

    @Test(arguments: [
        ("trap", "signal"), ("hang", "no progress for 2 s"), ("memory", ""), ("violation", "a violation"),
    ]) func `a target that fails is noticed and its input is kept`(fault: String, reason: String) async throws {
        try await withTemporaryFolder { folder in
            let outcome = try await CommandRunner.run(
                Self.driver,
                [
                    "--target", "faulty-\(fault)", "--seconds", "60", "--patience", "2", "--memory", "128",
                    "--seeds", folder.path, "--crashes", folder.path,
                ])

            #expect(outcome.status == 1)
            #expect(outcome.outputText.contains("faulty-\(fault): FAILED with \(reason)"))
            let path = try #require(outcome.outputLines.last?.split(separator: " ").last)
            #expect(outcome.outputLines.last?.contains("scripts/fuzz --target faulty-\(fault) --input ") == true)
            #expect(try Data(contentsOf: URL(filePath: String(path))).starts(with: Data("bad".utf8)))
        }
    }

    @Test func `a target that does not fail runs until its time is over`() async throws {
        try await withTemporaryFolder { folder in
            let outcome = try await CommandRunner.run(
                Self.driver, ["--target", "json", "--seconds", "1", "--seed", "3", "--seeds", folder.path])

            #expect(outcome.status == 0)
            #expect(outcome.outputText.contains("outcomes") && outcome.outputText.contains("seed 3"))
        }
    }
}
