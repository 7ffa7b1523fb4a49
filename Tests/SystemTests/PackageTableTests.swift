import Foundation
import KVTestSupport
import Testing

/// The table that the quickstart makes of a package database and loads with `kvark import`.
@Suite struct PackageTableTests {
    private static let script = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "scripts/package-table").path

    /// Stanzas by the keys that they are to have.
    private static var stanzas: [(key: String, text: String)] {
        // Every character of a byte, and some of each length beyond; a line end ends a line.
        let controls = (1...0x7F).filter { $0 != 0x0A }.map { String(UnicodeScalar(UInt8($0))) }.joined()
        let letters = (0x80...0x2FF).compactMap { UnicodeScalar($0) }.map(String.init).joined()
        let others = [0x2028, 0x2029, 0xFEFF, 0xFFFD, 0xFFFF, 0x1F680, 0x10FFFF].compactMap { UnicodeScalar($0) }
        let long = String(repeating: "0123456789", count: 20_000)
        return [
            ("plain", "Package: plain\nVersion: 1\nArchitecture: amd64"),
            ("plain:i386", "Package: plain\nArchitecture: i386\nDescription: the same again"),
            ("plain:i386:2", "Package: plain\nArchitecture: i386\nDescription: and again"),
            ("libstdc++6~rc.1", "Package: libstdc++6~rc.1\nArchitecture: all"),
            ("all", "Package: all\nDescription: \(controls)\n \(letters)\n \(others.map(String.init).joined())"),
            (
                "escapes",
                #"Package: escapes\#nDescription: \ \\ \\\ \n \t \" \" & && \& %s %% $0 ` \' ' \u0000 \0"#
            ),
            ("returns", "Package: returns\nDescription: a\r\n b\r\n .\r"),
            ("long", "Package: long\nDescription: \(long)\n \(long)"),
            ("no-version", "Package: no-version"),
        ]
    }

    /// The awks that this machine has: they differ in what a backslash means.
    private static var awks: [[String]] {
        [["mawk"], ["gawk"], ["original-awk"], ["busybox", "awk"]].filter {
            (try? CommandRunner.requireTool($0[0])) != nil
        }
    }

    @Test func `several awks are tried`() { #expect(Self.awks.count >= 3) }

    @Test(arguments: awks) func `every character of a package database comes back`(awk: [String]) async throws {
        try await Workbench.withServer { bench in
            let stanzas = Self.stanzas
            let database = stanzas.map(\.text).joined(separator: "\n\n")
            try Data("\n\(database)\n\n\nNo-Package: here\n\n".utf8)
                .write(to: URL(filePath: "\(bench.folder)/status"))
            try Data("#!/bin/sh\nexec \(awk.joined(separator: " ")) \"$@\"\n".utf8)
                .write(to: URL(filePath: "\(bench.folder)/awk"))
            let outcome = try await bench.bash(
                """
                chmod +x awk
                AWK=./awk '\(Self.script)' status >table
                "$KVARK" import table --format tsv --to n --create
                "$KVARK" key list n | wc -l
                """)
            #expect(outcome.status == 0, "\(outcome.errorText)")
            #expect(outcome.lastLine == "\(stanzas.count)")
            for stanza in stanzas {
                let value = try await bench.kvark("key", "get", "n", stanza.key)
                #expect(value.status == 0, "\(stanza.key): \(value.errorText)")
                #expect(value.output == Array(stanza.text.utf8), "\(stanza.key)")
            }
        }
    }

    @Test func `what is no text is left out, and the rest is loaded`() async throws {
        try await Workbench.withServer { bench in
            let outcome = try await bench.bash(
                """
                printf 'Package: a\\nDescription: \\377x\\000y\\n\\nPackage: b\\n' >status
                '\(Self.script)' status >table
                "$KVARK" import table --format tsv --to n --create
                "$KVARK" key get n a
                """)
            #expect(outcome.status == 0, "\(outcome.errorText)")
            #expect(outcome.outputText == "Package: a\nDescription: xy")
        }
    }

    @Test func `an empty database is a table without rows`() async throws {
        try await Workbench.withServer { bench in
            let outcome = try await bench.bash(
                """
                : >status
                '\(Self.script)' status >table
                "$KVARK" import table --format tsv --to n --create --json
                """)
            #expect(outcome.status == 0, "\(outcome.errorText)")
            #expect(try await bench.kvark("key", "list", "n").outputText.isEmpty)
        }
    }
}
