import Foundation
import KVTestSupport
import Testing

/// `scripts/install`: what it refuses, and, with `scripts/test --slow`, what it installs.
@Suite struct InstallTests {
    private static let script = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "scripts/install").path
    private static let isSlow = ProcessInfo.processInfo.environment["KVARK_SLOW_TESTS"] != nil

    @Test(arguments: [["--prefx", "/x"], ["--prefix"], ["--prefix="], ["--prefix", ""], ["/usr/local"]])
    func `a wrong command line is refused before anything is built`(arguments: [String]) async throws {
        let outcome = try await CommandRunner.run("bash", [Self.script] + arguments)
        #expect(outcome.status == 64)
        #expect(outcome.errorText.hasPrefix("install: ") && outcome.errorText.contains("--help"))
    }

    @Test func `help is printed`() async throws {
        let outcome = try await CommandRunner.run("bash", [Self.script, "--help"])
        #expect(outcome.status == 0)
        #expect(outcome.outputText.contains("scripts/install [--prefix DIR]"))
        #expect(outcome.errorText.isEmpty)
    }

    @Test func `a prefix in which nothing can be is refused before anything is built`() async throws {
        try await withTemporaryFolder { folder in
            let file = folder.appending(path: "file")
            try Data().write(to: file)
            for prefix in [file.path, "\(file.path)/below"] {
                let outcome = try await CommandRunner.run("bash", [Self.script, "--prefix", prefix])
                #expect(outcome.status == 1)
                #expect(outcome.errorText == "install: \(file.path) is not a folder; choose another --prefix\n")
            }
        }
    }

    /// All but the build, which takes minutes: `swift` is a script that says where the tests' own build is.
    @Test func `what is built takes its place, also while an older one runs`() async throws {
        try await withTemporaryFolder { folder in
            let built = URL(filePath: CommandRunner.kvark).deletingLastPathComponent().path
            let swift = """
                #!/bin/sh
                echo "$*" >>"\(folder.path)/calls"
                case "$*" in
                    --version) echo "Swift version 6.2" ;;
                    *--show-bin-path*) echo "\(built)" ;;
                esac
                """
            try Data(swift.utf8).write(to: folder.appending(path: "swift"))
            let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
            let environment = CommandRunner.environment(changing: [
                "PATH": "\(folder.path):\(path)", "prefix": "\(folder.path)/a prefix", "KVARK": CommandRunner.kvark,
                "SCRIPT": Self.script,
            ])
            let installed = try await CommandRunner.run(
                "bash",
                [
                    "-c",
                    """
                    set -euo pipefail
                    chmod +x swift
                    umask 077
                    "$SCRIPT" --prefix "$prefix" 2>first
                    grep -F "note: $prefix/bin is not in PATH" first
                    "$prefix/bin/kvark" serve --in-memory --port 0 --port-file port >/dev/null 2>&1 &
                    server=$!
                    trap 'kill "$server" 2>/dev/null || true' EXIT
                    until [ -s port ]; do sleep 0.05; done
                    old=$(stat -c %i "$prefix/bin/kvark")
                    # A slash at the end changes nothing.
                    PATH=$PATH:$prefix/bin "$SCRIPT" "--prefix=$prefix/" 2>second
                    if grep note: second; then exit 1; fi
                    test "$(stat -c %i "$prefix/bin/kvark")" != "$old"
                    export CLOUDFLARE_API_BASE_URL="http://127.0.0.1:$(cat port)/client/v4"
                    "$KVARK" namespace list 2>refused || true
                    grep -q credentials refused
                    kill "$server"
                    wait "$server"
                    "$prefix/bin/kvark" --version
                    test "$(stat -c %a "$prefix/bin/kvark" "$prefix/share/man/man1" | tr '\\n' ' ')" = '755 755 '
                    """,
                ], environment: environment.merging(Self.account) { $1 }, folder: folder)
            #expect(installed.status == 0, "\(installed.outputText)\(installed.errorText)")
            let files = try FileManager.default.subpathsOfDirectory(atPath: "\(folder.path)/a prefix")
            #expect(
                files.filter { $0.hasSuffix("kvark") || $0.contains("kvark.") }.sorted() == [
                    "bin/kvark", "share/bash-completion/completions/kvark",
                    "share/fish/vendor_completions.d/kvark.fish", "share/man/man1/kvark.1",
                    "share/zsh/site-functions/_kvark",
                ])
            let calls = try String(contentsOf: folder.appending(path: "calls"), encoding: .utf8)
            #expect(calls.contains("--product kvark --static-swift-stdlib --disable-local-rpath"))
        }
    }

    /// An account that no server knows.
    private static let account = [
        "CLOUDFLARE_ACCOUNT_ID": "0123456789abcdef0123456789abcdef", "CLOUDFLARE_API_TOKEN": "no-token-of-this-server",
    ]

    /// What is looked at after an installation.
    ///
    /// What must not be there is looked for in a list that is there.
    private static let checks = """
        test "$("$prefix/bin/kvark" --version)" = "$("$KVARK" --version)"
        readelf -d "$prefix/bin/kvark" >list && grep -q 'NEEDED.*libcurl' list && ! grep -E 'RUNPATH|RPATH' list
        ldd "$prefix/bin/kvark" >list && grep -q libcurl list && ! grep -iE 'swift|Foundation|dispatch|not found' list
        readelf -S "$prefix/bin/kvark" >list && grep -q '[.]dynsym' list && ! grep '[.]symtab' list
        bash -n "$prefix/share/bash-completion/completions/kvark"
        head -n 1 "$prefix/share/zsh/site-functions/_kvark" | grep '^#compdef kvark'
        grep 'complete' "$prefix/share/fish/vendor_completions.d/kvark.fish"
        mandoc -T lint -W error "$prefix/share/man/man1/kvark.1"
        ! ls -R "$prefix" | grep -F .new
        """

    @Test(.enabled(if: isSlow, "scripts/test --slow builds and installs the static command"))
    func `the installed command needs nothing of Swift`() async throws {
        try await withTemporaryFolder { folder in
            let environment = CommandRunner.environment(changing: [
                "prefix": "\(folder.path)/a prefix", "KVARK": CommandRunner.kvark, "SCRIPT": Self.script,
            ])
            func bash(_ script: String) async throws -> CommandRunner.Outcome {
                try await CommandRunner.run(
                    "bash", ["-c", "set -euo pipefail\n\(script)"], environment: environment, folder: folder)
            }
            // The second run finds everything there.
            let installed = try await bash(
                """
                "$SCRIPT" --prefix "$prefix"
                "$SCRIPT" "--prefix=$prefix" 2>notes
                grep 'is not in PATH' notes
                """)
            #expect(installed.status == 0, "\(installed.errorText)")
            for check in Self.checks.split(separator: "\n") {
                let outcome = try await bash("if \(check); then exit 0; else exit 1; fi")
                #expect(outcome.status == 0, "\(check): \(outcome.outputText)\(outcome.errorText)")
            }
            let hidden = try await bash(
                """
                if ! unshare -m true 2>/dev/null; then echo "unshare -m is not allowed here: not tried without Swift"; exit 0; fi
                toolchain=$(dirname "$(dirname "$(readlink -f "$(command -v swift)")")")
                # A toolchain among the system's own files cannot be hidden without them.
                if [ "$toolchain" = /usr ]; then toolchain=/usr/lib/swift; fi
                unshare -m bash -c 'mount -t tmpfs none "$1" && ! ls "$1"/* 2>/dev/null && "$prefix/bin/kvark" --version' - "$toolchain"
                """)
            print(hidden.lastLine)
            #expect(hidden.status == 0, "\(hidden.errorText)")
        }
    }
}
