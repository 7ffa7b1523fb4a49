import Foundation
import KVTestSupport
import Testing

/// The scripts for shells, tried in the shells: what a line becomes when somebody presses the Tab key.
@Suite struct ShellCompletionTests {
    /// Lines, and what they become; a folder has `vault` and `vellum.txt`, `pairs.json`, and `two words`.
    private static let lines = [
        ("kvark bac", "kvark backup "),
        ("kvark key li", "kvark key list "),
        ("kvark help na", "kvark help namespace "),
        ("kvark --ver", "kvark --version "),
        ("kvark backup n --pre", "kvark backup n --prefix "),
        ("kvark cat a --format wr", "kvark cat a --format wrangler "),
        ("kvark cat a --format=wr", "kvark cat a --format=wrangler "),
        ("kvark restore v --expiration sh", "kvark restore v --expiration shift "),
        ("kvark backup n --to ve", "kvark backup n --to ve"),
        ("kvark backup n --to v", "kvark backup n --to vault/"),
        ("kvark verify va", "kvark verify vault/"),
        ("kvark copy kv://a/b c --archive va", "kvark copy kv://a/b c --archive vault/"),
        ("kvark bulk put n pai", "kvark bulk put n pairs.json "),
        ("kvark cat a --keys-from=pai", "kvark cat a --keys-from=pairs.json "),
        ("kvark cat two", #"kvark cat two\ words/"#),
        ("kvark key get vau", "kvark key get vau"),
        ("kvark backup n --prefix vau", "kvark backup n --prefix vau"),
    ]

    /// Runs a test in a folder with the script of a shell.
    private static func withScript(_ shell: String, _ body: (URL) async throws -> Void) async throws {
        try await withTemporaryFolder { folder in
            for name in ["vault", "two words"] {
                try FileManager.default.createDirectory(
                    at: folder.appending(path: "work/\(name)"), withIntermediateDirectories: true)
            }
            for name in ["vellum.txt", "pairs.json"] { try Data().write(to: folder.appending(path: "work/\(name)")) }
            let script = try await CommandRunner.output(
                of: CommandRunner.kvark, ["--generate-completion-script", shell])
            try Data(script).write(to: folder.appending(path: "script"))
            try await body(folder)
        }
    }

    /// How a shell is told to write its line to a file when Ctrl-X Ctrl-R is pressed.
    private static let preparations = [
        "bash": """
        bind 'set enable-bracketed-paste off'
        bind 'set bell-style none'
        bind -x '"\\C-x\\C-r": printf "%s\\n" "$READLINE_LINE" >>"$LINES_FILE"'
        source "$SCRIPT"
        PS1="prepared> "
        """,
        "zsh": """
        autoload -U compinit && compinit -u -D
        unsetopt beep
        show() { print -r -- "$BUFFER" >>"$LINES_FILE" }
        zle -N show
        bindkey -e
        bindkey '^X^R' show
        source "$SCRIPT"
        PS1="prepared> "
        """,
    ]

    @Test(arguments: ["bash", "zsh"]) func `a shell completes lines`(shell: String) async throws {
        let path = try CommandRunner.requireTool(shell)
        let preparation = try #require(Self.preparations[shell])
        try await Self.withScript(shell) { folder in
            try Data(preparation.utf8).write(to: folder.appending(path: "preparation"))
            let output = try await CommandRunner.python(
                Self.typist, [path, folder.path, URL(filePath: CommandRunner.kvark).deletingLastPathComponent().path],
                input: Array(Self.lines.map { "\($0.0)\n" }.joined().utf8))
            let completed = String(decoding: output, as: UTF8.self).split(separator: "\n").map(String.init)
            try #require(completed.count == Self.lines.count)
            for (line, completed) in zip(Self.lines, completed) { #expect(completed == line.1) }
        }
    }

    /// Types lines into a shell on a terminal of its own, each with a Tab, and prints what they became.
    private static let typist = """
        import os, pty, select, signal, sys, termios, time, tty
        shell, folder, bin = sys.argv[1:]
        lines, seen = sys.stdin.read().splitlines(), folder + "/lines"
        open(seen, "w").close()
        child, terminal = pty.fork()
        if child == 0:
            signal.pthread_sigmask(signal.SIG_SETMASK, [])
            tty.setraw(0, termios.TCSANOW)
            os.chdir(folder + "/work")
            environment = dict(os.environ, PATH=bin + ":" + os.environ["PATH"], LINES_FILE=seen, TERM="dumb",
                SCRIPT=folder + "/script", PS1="first> ", HOME=folder, COLUMNS="200", LINES="50", LC_ALL="C.UTF-8")
            options = ["--norc", "--noprofile"] if shell.endswith("bash") else ["-f"]
            os.execve(shell, [shell, *options, "-i"], environment)
        said = b""
        def wait(what):
            global said
            end = time.monotonic() + 60
            while not what():
                if time.monotonic() > end: raise SystemExit("no answer: " + repr(said[-2000:]))
                if select.select([terminal], [], [], 0.02)[0]: said += os.read(terminal, 65536)
        try:
            # Keys that come before a prompt would mean something to the terminal instead of to the shell.
            wait(lambda: b"first> " in said)
            os.write(terminal, b"source ../preparation\\n")
            wait(lambda: b"prepared> " in said)
            for index, line in enumerate(lines):
                # Tab, then the key that writes the line down, then one that empties it.
                os.write(terminal, line.encode() + b"\\t\\x18\\x12\\x15")
                wait(lambda: open(seen).read().count("\\n") == index + 1)
            print(open(seen).read(), end="")
        finally:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
        """

    @Test func `fish completes lines`() async throws {
        let fish = try CommandRunner.requireTool("fish")
        try await Self.withScript("fish") { folder in
            let bin = URL(filePath: CommandRunner.kvark).deletingLastPathComponent().path
            let environment = CommandRunner.environment(changing: [
                "PATH": "\(bin):\(ProcessInfo.processInfo.environment["PATH"] ?? "")", "HOME": folder.path,
            ])
            for (line, completed) in Self.lines {
                // fish says what the last word may become.
                let outcome = try await CommandRunner.run(
                    fish, ["--no-config", "-c", "source ../script; complete -C \"$argv\"", line],
                    environment: environment, folder: folder.appending(path: "work"))
                let offered = outcome.outputLines.map { String($0.prefix { $0 != "\t" }) }
                let word = completed.replacing("\\ ", with: "\0").split(separator: " ").last ?? ""
                let last = String(word.replacing("\0", with: " "))
                #expect(offered == (line == completed ? [] : [last]), "\(line): \(outcome.errorText)")
            }
        }
    }

    @Test func `zsh takes the script from its path, too`() async throws {
        let zsh = try CommandRunner.requireTool("zsh")
        try await Self.withScript("zsh") { folder in
            try FileManager.default.moveItem(
                at: folder.appending(path: "script"), to: folder.appending(path: "work/_kvark"))
            let outcome = try await CommandRunner.run(
                zsh,
                ["-f", "-c", "fpath=($PWD $fpath); autoload -U compinit; compinit -u -D; echo ${_comps[kvark]}"],
                folder: folder.appending(path: "work"))
            #expect(outcome.lastLine == "_kvark", "\(outcome.errorText)")
        }
    }
}
