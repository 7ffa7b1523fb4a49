import Foundation
import KVTestSupport
import Testing

/// Comparisons by the command: how much is looked at, and how it is told.
@Suite struct DiffTests {
    private struct Line: Decodable, Equatable {
        var key: String
        var change: String
        var aspects: [String]
    }

    /// An archive, and the namespace with one of each change since.
    private static func withChanges(_ body: (Workbench) async throws -> Void) async throws {
        try await Workbench.withServer { bench in
            let script = """
                put() { "$KVARK" key put n "$@"; }
                "$KVARK" namespace create n
                put gone 1; put meta 1 --metadata '{"a":1.0}'; put value old; put bytes --path /bin/true; put same 1
                put time 1 --expiration 4000000000
                "$KVARK" backup n --to vault
                "$KVARK" key delete n gone
                put meta 1 --metadata '{"a":1}'; put value $'new\\e[31m line'; put bytes text; put time 1
                put added 1
                """
            let outcome = try await bench.bash(script)
            try #require(outcome.status == 0, "\(outcome.errorText)")
            try bench.clearLog()
            try await body(bench)
        }
    }

    private static let all = [
        Line(key: "added", change: "only-in-b", aspects: []), Line(key: "bytes", change: "changed", aspects: ["value"]),
        Line(key: "gone", change: "only-in-a", aspects: []),
        Line(key: "meta", change: "changed", aspects: ["metadata"]),
        Line(key: "time", change: "changed", aspects: ["expiration"]),
        Line(key: "value", change: "changed", aspects: ["value"]),
    ]

    @Test(arguments: [
        ([], all), (["--quick"], all.filter { $0.aspects != ["value"] }),
        (["--keys-only"], all.filter { $0.aspects.isEmpty }),
    ]) private func `as much is compared as is asked for`(options: [String], expected: [Line]) async throws {
        try await Self.withChanges { bench in
            let diff = try await bench.kvark(["diff", "vault/n/latest", "n", "--json"] + options)
            #expect(diff.status == 4, "\(diff.errorText)")
            let lines = diff.outputText.split(separator: "\n").map { Data($0.utf8) }
            #expect(try lines.dropLast().map { try JSONDecoder().decode(Line.self, from: $0) } == expected)
            struct Summary: Decodable {
                var compared: String, isIdentical: Bool, same: Int, changed: Int, onlyInA: Int, onlyInB: Int
            }
            let summary = try JSONDecoder().decode(Summary.self, from: try #require(lines.last))
            #expect(!summary.isIdentical && summary.onlyInA == 1 && summary.onlyInB == 1)
            #expect(summary.changed == expected.count - 2 && summary.same == 7 - expected.count)
            let depths = ["--quick": "details", "--keys-only": "keys"]
            #expect(summary.compared == options.first.flatMap { depths[$0] } ?? "everything")
            // Without values, the namespace is looked up and listed, and nothing is read.
            if !options.isEmpty { #expect(try bench.requestCount() == 2) }

            let text = try await bench.kvark(["diff", "vault/n/latest", "n"] + options).outputText
            #expect(text.hasPrefix("+ \"added\"\n"), "\(text)")
            #expect(text.contains("not compared") == (options == ["--quick"]))
            #expect(text.contains("keys only") == (options == ["--keys-only"]))
        }
    }

    @Test func `what has changed is shown, and nothing of it moves the cursor`() async throws {
        try await Self.withChanges { bench in
            let text = try await bench.kvark("diff", "vault/n/latest", "n", "--values").outputText
            for expected in [
                "* \"meta\" (metadata)\n    - metadata {\"a\":1.0}\n    + metadata {\"a\":1}\n",
                "* \"time\" (expiration)\n    - expiration 2096-10-02T07:06:40Z\n    + expiration none\n",
                "* \"value\" (value)\n    - value of 3 B: old\n    + value of 13 B: new\\u001b[31m line\n",
                "+ \"added\"\n    + value of 1 B: 1\n",
            ] { #expect(text.contains(expected), "\(expected)\nin\n\(text)") }
            #expect(text.contains(", not text\n    + value of 4 B: text\n"), "\(text)")
            for options in [["--quick", "--keys-only"], ["--values", "--quick"], ["--values", "--json"]] {
                #expect(try await bench.kvark(["diff", "vault/n/latest", "n"] + options).status == 64)
            }
        }
    }
}
