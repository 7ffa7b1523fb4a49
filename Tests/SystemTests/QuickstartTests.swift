import Foundation
import KVTestSupport
import Testing

/// What the quickstart loads, `scripts/machine-data`, on package databases that machines may have.
@Suite struct QuickstartTests {
    private static let script = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "scripts/machine-data").path

    /// What a database says of a package, by the key that it is to have.
    private struct Stanza {
        var key: String
        var text: [UInt8]

        init(_ key: String, _ text: String) { self.init(key, Array(text.utf8)) }

        init(_ key: String, _ text: [UInt8]) {
            self.key = key
            self.text = text
        }
    }

    private static var stanzas: [Stanza] {
        // Every byte that a text can have, once as it is and once with what is UTF-8 only; a line feed ends a line.
        let bytes = (1...0xFF).filter { $0 != 0x0A }.map { UInt8($0) }
        let letters = (0x80...0x2FF).compactMap { UnicodeScalar($0) }.map(String.init).joined()
        let others = [0x2028, 0x2029, 0xFEFF, 0xFFFD, 0xFFFF, 0x1F680, 0x10FFFF].compactMap { UnicodeScalar($0) }
        let controls = bytes.filter { $0 < 0x80 }
        let long = String(repeating: #"01234567\&"#, count: 20_000)
        return [
            Stanza("plain", "Package: plain\nVersion: 1\nArchitecture: amd64"),
            Stanza("plain:i386", "Package: plain\nArchitecture: i386\nDescription: the same again"),
            Stanza("plain:i386:2", "Package: plain\nArchitecture: i386\nDescription: and again"),
            Stanza("libstdc++6~rc.1:any", "Package: libstdc++6~rc.1:any\nArchitecture: all\nVersion: 1:2~3"),
            Stanza("bytes", Array("Package: bytes\nDescription: ".utf8) + bytes + Array("\n ".utf8) + bytes),
            Stanza("controls", Array("Package: controls\nDescription: ".utf8) + controls + [0x0A, 0x20] + controls),
            Stanza("letters", "Package: letters\nDescription: \(letters)\n \(others.map(String.init).joined())"),
            Stanza("invalid", Array("Package: invalid\nDescription: a".utf8) + [0xC3, 0x28, 0xED, 0xA0, 0x80, 0xFF]),
            Stanza(
                "escapes",
                #"Package: escapes\#nDescription: \ \\ \\\ \n \t \" \" & && \& %s %% $0 $(false) ` \' ' * ? [a] \u0000 \0"#
            ),
            Stanza("spaces", "Package: spaces\nDescription:  \t two  spaces \t\n  .  "),
            Stanza("returns", "Package: returns\nDescription: a\r\n b\r\n .\r"),
            Stanza("dos", "Package: dos\r\nArchitecture: all\r\nDescription: each line ends so\r"),
            Stanza("dos:i386", "Package: dos\r\nArchitecture: i386\r"),
            Stanza("long", "Package: long\nDescription: \(long)\n \(long)"),
            Stanza("no-version", "Package: no-version"),
            Stanza("last", "Package: last\nDescription: no line feed ends it"),
        ]
    }

    /// Lines between stanzas: one, several, and those of a database whose lines end with CR LF.
    private static var database: [UInt8] {
        var bytes = Array("\n\nNo-Package: here\n\nPackage: a b\n\n".utf8)
        for (index, stanza) in stanzas.enumerated() {
            let isDOS = stanza.key.hasPrefix("dos")
            bytes += (index == 0 ? "" : isDOS ? "\n\r\n" : index == 3 ? "\n\n\n" : "\n\n").utf8
            bytes += stanza.text
        }
        return bytes
    }

    /// Loads a database, and files from folders.
    private static func load(
        _ bench: Workbench, _ arguments: String, environment: [String: String?] = [:]
    ) async throws -> CommandRunner.Outcome {
        let outcome = try await bench.bash(
            "\"$KVARK\" namespace create n >&2; '\(script)' n \(arguments)", environment: environment)
        #expect(outcome.status == 0, "\(outcome.errorText)")
        return outcome
    }

    private static func keys(_ bench: Workbench, but prefix: String = "session:") async throws -> [String] {
        let list = try await bench.bash("\"$KVARK\" key list n | jq -r .name")
        return list.outputLines.filter { !$0.hasPrefix(prefix) }
    }

    @Test(arguments: ["C", "C.UTF-8"])
    func `every byte of a package database comes back`(locale: String) async throws {
        try await Workbench.withServer { bench in
            try Data(Self.database).write(to: URL(filePath: "\(bench.folder)/status"))
            _ = try await Self.load(bench, "status nowhere", environment: ["LC_ALL": locale])
            #expect(try await Set(Self.keys(bench)) == Set(Self.stanzas.map(\.key)))
            for stanza in Self.stanzas {
                let value = try await bench.kvark("key", "get", "n", stanza.key)
                // Compared outside of the expectation, which would look for the differences of long values for minutes.
                let isSame = value.output == stanza.text
                #expect(isSame, "\(stanza.key): \(value.errorText)")
            }
        }
    }

    @Test func `sessions expire, and a value that is text counts as one`() async throws {
        try await Workbench.withServer { bench in
            try Data(Self.database).write(to: URL(filePath: "\(bench.folder)/status"))
            _ = try await Self.load(bench, "status nowhere")
            _ = try await bench.kvark("backup", "n", "--to", "vault")
            let manifest = try await bench.bash(
                """
                "$KVARK" show vault/n/latest --quick --json |
                    jq -c '[.manifest.totals | .recordsWithExpiration, .base64Values]'
                """)
            // Two stanzas are not UTF-8; the others are, whichever way the table had them.
            #expect(manifest.lastLine == "[200,2]", "\(manifest.errorText)")
            let session = try await bench.kvark("key", "get", "n", "session:200")
            #expect(session.outputText == "a session of user 200")
        }
    }

    @Test(arguments: ["empty", "blank", "nowhere", "folder", "other"])
    func `without packages something else is loaded, and that is said`(database: String) async throws {
        try await Workbench.withServer { bench in
            let made = try await bench.bash(
                "mkdir folder; : >empty; printf '\\n\\n' >blank; printf 'no package\\n' >other")
            #expect(made.status == 0)
            let outcome = try await Self.load(bench, "\(database) nowhere")
            #expect(outcome.outputText.contains("there are no packages in \(database)"))
            let source = "Sources/KVModel/KVKey.swift"
            let file = URL(filePath: Self.script).deletingLastPathComponent().deletingLastPathComponent()
                .appending(path: source)
            let isSame = try await bench.kvark("key", "get", "n", source).output == Array(Data(contentsOf: file))
            #expect(isSame)
        }
    }

    @Test func `files come back byte for byte, and names that a table cannot have are passed over`() async throws {
        try await Workbench.withServer { bench in
            let made = try await bench.bash(
                """
                mkdir -p 'files/a folder'; cd files
                head -c 5000 /dev/urandom >'a folder/image&.png'
                head -c 5000 /dev/urandom >program
                for name in tab$'\\t' line$'\\n' 'back\\slash' byte$'\\xff' 'ü'; do printf x >"$name.png"; done
                """)
            #expect(made.status == 0, "\(made.errorText)")
            let folder = "\(bench.folder)/files"
            _ = try await Self.load(bench, "nowhere '\(bench.folder)/not here' '\(folder)'")
            let keys = try await Self.keys(bench).filter { $0.hasPrefix("/") }
            #expect(keys == ["\(folder)/a folder/image&.png", "\(folder)/program"])
            for key in keys {
                let bytes = try Array(Data(contentsOf: URL(filePath: key)))
                let isSame = try await bench.kvark("key", "get", "n", key).output == bytes
                #expect(isSame, "\(key)")
            }
        }
    }

    @Test func `where nothing is found the sessions are loaded`() async throws {
        try await Workbench.withServer { bench in
            let outcome = try await Self.load(bench, "nowhere nowhere")
            #expect(outcome.outputText.contains("there are no images or programs to load"))
            #expect(try await bench.kvark("key", "get", "n", "session:1").status == 0)
        }
    }
}
