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

    /// What is looked at after an installation; `where` stands for the prefix.
    private static let checks = """
        test "$("$prefix/bin/kvark" --version)" = "$("$KVARK" --version)"
        ! readelf -d "$prefix/bin/kvark" | grep -E 'RUNPATH|RPATH'
        ! ldd "$prefix/bin/kvark" | grep -iE 'swift|Foundation|dispatch|not found'
        ! readelf -S "$prefix/bin/kvark" | grep -E '[.]symtab'
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
            // The second run finds everything there, and a kvark that is running.
            let installed = try await bash(
                """
                "$SCRIPT" --prefix "$prefix"
                "$prefix/bin/kvark" serve --in-memory --port 0 --port-file port >/dev/null 2>&1 &
                until [ -s port ]; do sleep 0.1; done
                "$SCRIPT" "--prefix=$prefix" 2>notes
                kill %1
                wait %1
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
                unshare -m bash -c 'mount -t tmpfs none "$1" && ! ls "$1"/* 2>/dev/null && "$prefix/bin/kvark" --version' - "$toolchain"
                """)
            print(hidden.lastLine)
            #expect(hidden.status == 0, "\(hidden.errorText)")
        }
    }
}
