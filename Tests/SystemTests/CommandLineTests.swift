import CommandArguments
import Foundation
import KVTestSupport
import Testing
import kvark

/// The command line as a whole: help, errors and their exit codes.
@Suite struct CommandLineTests {
    private static let commands = CommandNode(root: Kvark.self).all

    /// The words that name a command, without the tool's own name.
    private static func words(of command: CommandNode) -> [String] { Array(command.path.dropFirst()) }

    private static func kvark(
        _ words: [String], environment changes: [String: String?] = [:]
    ) async throws -> CommandRunner.Outcome {
        let environment = CommandRunner.environment(changing: ["COLUMNS": nil].merging(changes) { $1 })
        return try await CommandRunner.run(CommandRunner.kvark, words, environment: environment)
    }

    private static func help(_ words: [String], width: Int) throws -> String {
        guard case .text(let text) = try Kvark.parse(words, width: width) else { return "no help" }
        return text
    }

    @Test func `the declarations have no faults`() { #expect(Kvark.declarationFaults() == []) }

    @Test func `every command has help on standard output, however it is asked for`() async throws {
        #expect(Self.commands.count > 25)
        for words in Self.commands.map(Self.words) {
            let help = try await Self.kvark(words + ["--help"])
            #expect(help.status == 0 && help.errorText.isEmpty, "\(words)")
            #expect(help.outputText.contains("\nUSAGE: \((["kvark"] + words).joined(separator: " "))"), "\(words)")
            #expect(help.outputText == (try Self.help(["help"] + words, width: 80)), "\(words)")
        }
    }

    @Test(arguments: [40, 80, 120]) func `help keeps to the width of the terminal, but for examples`(width: Int) throws
    {
        for words in Self.commands.map(Self.words) {
            let examples = Set(try Self.help(words + ["-h"], width: 1_000).split(separator: "\n"))
            let help = try Self.help(words + ["-h"], width: width).split(separator: "\n")
            let tooLong = help.filter { $0.count > width && !($0.contains("kvark ") && examples.contains($0)) }
            #expect(tooLong.isEmpty, "\(words)")
        }
    }

    @Test func `COLUMNS says how wide help may be`() async throws {
        for (columns, width) in [("40", 40), ("100", 100), ("120", 120), ("7", 40), ("9999", 120), ("x", 80)] {
            let help = try await Self.kvark(["backup", "--help"], environment: ["COLUMNS": columns])
            #expect(help.outputText == (try Self.help(["backup", "-h"], width: width)), "\(columns)")
        }
    }

    @Test func `a terminal says itself how wide it is`() async throws {
        let output = try await CommandRunner.python(
            """
            import fcntl, os, pty, struct, sys, termios
            child, terminal = pty.fork()
            if child == 0:
                fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 57, 0, 0))
                os.environ.pop("COLUMNS", None)
                os.execv(sys.argv[1], ["kvark", "backup", "--help"])
            text = b""
            try:
                while piece := os.read(terminal, 65536): text += piece
            except OSError: pass
            os.waitpid(child, 0)
            sys.stdout.buffer.write(text.replace(b"\\r\\n", b"\\n"))
            """, [CommandRunner.kvark])

        #expect(String(decoding: output, as: UTF8.self) == (try Self.help(["backup", "-h"], width: 57)))
    }

    @Test func `the version is shown everywhere`() async throws {
        for words in [[], ["key"], ["backup"]] {
            let version = try await Self.kvark(words + ["--version"])
            #expect(version.status == 0 && version.outputText == "0.1.0\n" && version.errorText.isEmpty)
        }
    }

    @Test(
        arguments: [
            (["bakup"], "'kvark' has no command 'bakup'; did you mean 'backup'?"),
            (["rename"], "'kvark' has no command 'rename'; did you mean 'kvark namespace rename'?"),
            (["key", "gte"], "'kvark key' has no command 'gte'; did you mean 'get'?"),
            (["cat", "a", "--formt", "csv"], "unknown option '--formt'; did you mean '--format'?"),
            (["cat", "a", "--format", "cvs"], "or files; did you mean 'csv'?"),
            (["restore", "a", "--to", "n", "--expiration", "shft"], "keep, strip or shift; did you mean 'shift'?"),
            (["--quiet", "backup"], "--quiet is an option of commands and comes after their name"),
            (["backup", "n"], "missing '--to <vault>'"),
            (["backup", "n", "--to"], "--to <vault> has no value"),
            (["backup", "n", "--to", "--quiet"], "--to <vault> has no value before '--quiet'"),
            (["cat", "a", "--prefix", "-x"], "if that is the value, write --prefix=-x"),
            (["cat", "a", "--limit="], "--limit <n> cannot be '': it must be a whole number"),
            (["cat", "a", "--limit", "-1"], "--limit is a number from 0 on"),
            (["key", "get", "n", "-x"], "an argument that begins with - comes after --"),
            (["key", "get", "n", "a", "b"], "unexpected argument 'b'"),
            (["cat", "a", "--match", "["], "in the pattern \"[\""),
            (["key", "put", "n", "k", "v", "--metadata", "{"], "--metadata is not JSON"),
        ] as [([String], String)])
    func `wrong usage says what is right on standard error, with 64`(words: [String], message: String) async throws {
        let outcome = try await Self.kvark(words)

        #expect(outcome.status == 64 && outcome.output.isEmpty)
        #expect(outcome.errorText.hasPrefix("kvark: ") && outcome.errorText.contains(message), "\(outcome.errorText)")
        #expect(outcome.errorText.contains("\nUsage: kvark") && outcome.errorText.hasSuffix("--help' for more.\n"))
    }

    @Test func `help that nobody reads to its end is no error worth a message`() async throws {
        let script = "set -o pipefail; trap '' PIPE; \"$0\" help backup | true; echo \"${PIPESTATUS[0]}\""
        for _ in 0..<20 {
            let outcome = try await CommandRunner.run("bash", ["-c", script, CommandRunner.kvark])
            #expect(["0", "141"].contains(outcome.lastLine) && outcome.errorText.isEmpty, "\(outcome.errorText)")
        }
        let closed = try await CommandRunner.run(
            "bash", ["-c", "exec 3> >(exec true); wait $!; \"$0\" help backup >&3", CommandRunner.kvark])
        #expect(closed.status == 141 && closed.errorText.isEmpty, "\(closed.errorText)")
    }

    @Test func `an argument that is not text is refused`() async throws {
        let outcome = try await CommandRunner.run(
            "bash", ["-c", "\"$0\" key get n $'\\xff'", CommandRunner.kvark])

        #expect(outcome.status == 64 && outcome.errorText.contains("is not UTF-8"))
    }
}
