import Foundation
import KVTestSupport
import Synchronization
import Testing

/// Signals, kills and second runs.
@Suite struct InterruptionTests {
    /// 50 lists and 500 bulk gets.
    private static let records = 50_000
    private static let requests = 550

    /// A backup that is in the middle of its work, behind a proxy that holds its answers back as long as it is wanted.
    private struct UnderWay {
        let bench: Workbench
        let backup: Process
        let isSlow: Atomic
        /// The variables with the proxy's address: an unfinished backup belongs to one.
        let environment: [String: String?]

        /// Waits for the backup's end; later requests are answered at once.
        func ended() async throws {
            try await backup.ended()
            isSlow.set(false)
        }

        /// Runs the same backup again.
        func again() async throws -> CommandRunner.Outcome {
            try await bench.kvark("backup", "n", "--to", "vault", environment: environment)
        }
    }

    /// Whether answers are held back.
    private final class Atomic: Sendable {
        private let value = Mutex(true)
        var isSet: Bool { value.withLock { $0 } }
        func set(_ new: Bool) { value.withLock { $0 = new } }
    }

    /// Starts a backup and lends it once the server has answered some of its requests.
    private static func withBackup(_ body: (UnderWay) async throws -> Void) async throws {
        try await Workbench.withServer { bench in
            try await bench.load("n", records: records)
            let isSlow = Atomic()
            let plan = FaultPlan.scripted { _, index in index >= 100 && isSlow.isSet ? .delay : nil }
            try await FaultProxy.withProxy(to: try bench.port, plan: plan) { proxy in
                let environment = ["CLOUDFLARE_API_BASE_URL": "http://127.0.0.1:\(proxy.port)/client/v4"]
                let backup = try bench.start(
                    ["backup", "n", "--to", "vault", "--concurrency", "1"], environment: environment)
                while backup.isRunning, proxy.forwarded < 110 { try await Task.sleep(for: .milliseconds(1)) }
                try await body(
                    UnderWay(bench: bench, backup: backup, isSlow: isSlow, environment: environment))
            }
        }
    }

    @Test(arguments: [(SIGINT, 130), (SIGTERM, 143)] as [(Int32, Int32)])
    func `a signal ends a backup with its own code, and the same command goes on with it`(
        signal: Int32, status: Int32
    ) async throws {
        try await Self.withBackup { run in
            let bench = run.bench
            kill(run.backup.processIdentifier, signal)
            try await run.ended()
            #expect(run.backup.terminationReason == .exit)
            #expect(run.backup.terminationStatus == status)
            let listed = try await bench.kvark("list", "vault", "--json")
            #expect(!listed.outputText.contains("\"isComplete\":true"))
            #expect(try await bench.kvark("restore", "vault/n/latest", "--to", "n2", "--create").status == 1)

            let before = try bench.requestCount()
            let next = try await run.again()
            #expect(next.status == 0, "\(next.errorText)")
            #expect(next.errorText.contains("going on with the backup of"), "\(next.errorText)")
            // What the first run has done is not done again, but for its last page.
            #expect(try bench.requestCount() - before < Self.requests - 90)
            try await Self.checkOnlyArchive(bench)
        }
    }

    @Test func `a killed backup leaves no whole archive, and the next run goes on with it`() async throws {
        try await Self.withBackup { run in
            kill(run.backup.processIdentifier, SIGKILL)
            try await run.ended()
            #expect(run.backup.terminationReason == .uncaughtSignal)
            #expect(try await run.bench.kvark("restore", "vault/n/latest", "--to", "n2", "--create").status == 1)
            let next = try await run.again()
            #expect(next.status == 0, "\(next.errorText)")
            try await Self.checkOnlyArchive(run.bench)
        }
    }

    @Test func `a second backup into the same place says who holds it and exits with 5`() async throws {
        try await Self.withBackup { run in
            let second = try await run.bench.kvark("backup", "n", "--to", "vault")
            #expect(second.status == 5, "\(second.errorText)")
            #expect(second.errorText.contains("\(run.backup.processIdentifier)"), "\(second.errorText)")
            run.isSlow.set(false)
            try await run.ended()
            #expect(run.backup.terminationStatus == 0)
        }
    }

    @Test func `a second signal ends a backup at once, and the same command goes on with it`() async throws {
        try await Workbench.withServer { bench in
            try await bench.load("n", records: 50_000)
            let isSilent = Atomic()
            let plan = FaultPlan.scripted { _, index in index >= 300 && isSilent.isSet ? .stallBefore : nil }
            try await FaultProxy.withProxy(to: try bench.port, plan: plan) { proxy in
                let environment = ["CLOUDFLARE_API_BASE_URL": "http://127.0.0.1:\(proxy.port)/client/v4"]
                let backup = try bench.start(["backup", "n", "--to", "vault"], environment: environment)
                while backup.isRunning, proxy.injected.isEmpty { try await Task.sleep(for: .milliseconds(1)) }
                kill(backup.processIdentifier, SIGINT)
                // A job that waits for answers that never come says nothing of a first signal for some seconds.
                while backup.isRunning {
                    try await Task.sleep(for: .milliseconds(200))
                    kill(backup.processIdentifier, SIGINT)
                }
                #expect(backup.terminationStatus == 130)
                // Ended by the second signal, it says nothing: the first one's end would have.
                let said = try String(contentsOfFile: "\(bench.folder)/started.err", encoding: .utf8)
                #expect(!said.contains("interrupted by"), "\(said)")
                isSilent.set(false)
                let next = try await bench.kvark("backup", "n", "--to", "vault", environment: environment)
                #expect(next.errorText.contains("going on with the backup of"), "\(next.errorText)")
                try await Self.checkOnlyArchive(bench)
            }
        }
    }

    @Test func `a stopped import goes on with the same content, and with no other`() async throws {
        try await Workbench.withServer { bench in
            try await bench.load("n", records: 100_000)
            _ = try await bench.kvark("backup", "n", "--to", "vault")
            let lines = try await bench.kvark("cat", "vault/n/latest").outputText.split(separator: "\n")
            try Data(lines.joined(separator: "\n").utf8).write(to: URL(filePath: "\(bench.folder)/all"))
            try Data(lines.dropLast().joined(separator: "\n").utf8).write(to: URL(filePath: "\(bench.folder)/less"))
            _ = try await bench.kvark("namespace", "create", "n2")
            let isSlow = Atomic()
            let plan = FaultPlan.scripted { request, _ in isSlow.isSet && request.method == "PUT" ? .delay : nil }
            try await FaultProxy.withProxy(to: try bench.port, plan: plan) { proxy in
                let environment = ["CLOUDFLARE_API_BASE_URL": "http://127.0.0.1:\(proxy.port)/client/v4"]
                let stopped = try bench.start(["import", "all", "--to", "n2"], environment: environment)
                while stopped.isRunning, proxy.injected[.delay, default: 0] < 3 {
                    try await Task.sleep(for: .milliseconds(1))
                }
                kill(stopped.processIdentifier, SIGINT)
                try await stopped.ended()
                #expect(stopped.terminationStatus == 130)
                isSlow.set(false)

                let other = try await bench.kvark("import", "less", "--to", "n2", environment: environment)
                #expect(other.status == 1 && other.errorText.contains("is not empty"), "\(other.errorText)")

                let before = try bench.requestCount()
                let next = try await bench.kvark("import", "all", "--to", "n2", environment: environment)
                #expect(next.status == 0, "\(next.errorText)")
                #expect(next.errorText.contains("going on with the import of"), "\(next.errorText)")
                // The namespace, its first keys, the landmark and at most eight of the ten writes.
                #expect(try bench.requestCount() - before <= 11)
            }
            #expect(try await bench.kvark("diff", "vault/n/latest", "n2").status == 0)
        }
    }

    private static func checkOnlyArchive(_ bench: Workbench) async throws {
        #expect(try await bench.kvark("verify", "vault/n/latest").status == 0)
        #expect(try await bench.kvark("diff", "vault/n/latest", "n").status == 0)
        #expect(try FileManager.default.contentsOfDirectory(atPath: "\(bench.folder)/vault/n").count == 1)
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
                try CommandRunner.start(server)
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
                try await server.ended()
                written += 5
                #expect(outcome.lastLine == "\(written)", "\(outcome.errorText)")
            }
        }
    }
}
