import Foundation
import KVTestSupport
import Testing

/// Signals, kills and second runs.
@Suite struct InterruptionTests {
    /// Starts a backup and waits until it is in the middle of its work: the server has answered some of its requests.
    private static func startBackup(_ bench: Workbench) async throws -> Process {
        let before = try bench.requestCount()
        let backup = try bench.start(["backup", "n", "--to", "vault", "--concurrency", "1"])
        while backup.isRunning, try bench.requestCount() < before + 100 { await Task.yield() }
        return backup
    }

    @Test(arguments: [(SIGINT, 130), (SIGTERM, 143)] as [(Int32, Int32)])
    func `a signal ends a backup with its own code, and the same command goes on with it`(
        signal: Int32, status: Int32
    ) async throws {
        try await Workbench.withServer { bench in
            try await bench.load("n", records: 200_000)
            let backup = try await Self.startBackup(bench)
            kill(backup.processIdentifier, signal)
            backup.waitUntilExit()
            #expect(backup.terminationReason == .exit)
            #expect(backup.terminationStatus == status)
            let listed = try await bench.kvark("list", "vault", "--json")
            #expect(!listed.outputText.contains("\"isComplete\":true"))
            #expect(try await bench.kvark("restore", "vault/n/latest", "--to", "n2", "--create").status == 1)

            let before = try bench.requestCount()
            let next = try await bench.kvark("backup", "n", "--to", "vault", "--json")
            #expect(next.status == 0, "\(next.errorText)")
            #expect(next.errorText.contains("going on with the backup of"), "\(next.errorText)")
            // 200 lists and 2,000 bulk gets, less what the first run has done.
            #expect(try bench.requestCount() - before < 2_150)
            #expect(try await bench.kvark("verify", "vault/n/latest").status == 0)
            #expect(try await bench.kvark("diff", "vault/n/latest", "n").status == 0)
            #expect(try FileManager.default.contentsOfDirectory(atPath: "\(bench.folder)/vault/n").count == 1)
        }
    }

    @Test func `a killed backup leaves no whole archive, and the next run goes on with it`() async throws {
        try await Workbench.withServer { bench in
            try await bench.load("n", records: 200_000)
            let backup = try await Self.startBackup(bench)
            kill(backup.processIdentifier, SIGKILL)
            backup.waitUntilExit()
            #expect(backup.terminationReason == .uncaughtSignal)
            #expect(try await bench.kvark("restore", "vault/n/latest", "--to", "n2", "--create").status == 1)
            let next = try await bench.kvark("backup", "n", "--to", "vault")
            #expect(next.status == 0, "\(next.errorText)")
            #expect(try await bench.kvark("verify", "vault/n/latest").status == 0)
            #expect(try await bench.kvark("diff", "vault/n/latest", "n").status == 0)
            #expect(try FileManager.default.contentsOfDirectory(atPath: "\(bench.folder)/vault/n").count == 1)
        }
    }

    @Test func `a second backup into the same place says who holds it and exits with 5`() async throws {
        try await Workbench.withServer { bench in
            try await bench.load("n", records: 200_000)
            let first = try await Self.startBackup(bench)
            let second = try await bench.kvark("backup", "n", "--to", "vault")
            #expect(second.status == 5, "\(second.errorText)")
            #expect(second.errorText.contains("\(first.processIdentifier)"), "\(second.errorText)")
            first.waitUntilExit()
            #expect(first.terminationStatus == 0)
        }
    }

    @Test func `what the server has acknowledged survives kill -9`() async throws {
        try await withTemporaryFolder { folder in
            let data = folder.appending(path: "data").path
            var written = 0
            for _ in 0..<3 {
                let server = CommandRunner.makeProcess(
                    CommandRunner.kvark, ["serve", "--data", data, "--port", "0"], [:], in: folder.path)
                let output = Pipe()
                server.standardOutput = output
                server.standardError = FileHandle.nullDevice
                try server.run()
                var text = ""
                while text.split(separator: "\n").count < 4 {
                    text += String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
                }
                let script = """
                    \(text)
                    "$KVARK" namespace create n >/dev/null 2>&1 || true
                    for i in $(seq \(written + 1) \(written + 5)); do "$KVARK" key put n "k$i" "v$i"; done
                    "$KVARK" key list n | wc -l
                    """
                let outcome = try await CommandRunner.run(
                    "bash", ["-c", script],
                    environment: CommandRunner.environment(changing: ["KVARK": CommandRunner.kvark]))
                kill(server.processIdentifier, SIGKILL)
                server.waitUntilExit()
                written += 5
                #expect(outcome.lastLine == "\(written)", "\(outcome.errorText)")
            }
        }
    }
}
