import Foundation
import KVModel
import KVTestSupport
import Synchronization
import Testing

/// A running `kvark serve`, a folder to work in, and the built command with the right environment.
struct Workbench: Sendable {
    /// The folder; removed afterwards.
    let folder: String
    /// The variables that the server printed.
    let environment: [String: String?]
    /// The server's process.
    let server: Process
    /// All that the commands have written, to be looked through for the token.
    private let outputs = Outputs()

    private init(folder: String, environment: [String: String?], server: Process) {
        self.folder = folder
        self.environment = environment
        self.server = server
    }

    /// Runs a test with a server of its own.
    ///
    /// Afterwards the server's token must be nowhere: in no output, log, archive, checkpoint or other file, but for the
    /// file that the server keeps it in.
    static func withServer<Result>(
        _ options: [String] = [], _ body: (Workbench) async throws -> Result
    ) async throws -> Result {
        try await withTemporaryFolder { folder in
            let process = CommandRunner.makeProcess(
                CommandRunner.kvark,
                ["serve", "--data", "server", "--port", "0", "--request-log", "requests.ndjson"] + options, [:],
                in: folder.path)
            let output = Pipe()
            process.standardOutput = output
            process.standardError = FileHandle.nullDevice
            try CommandRunner.start(process)
            let outcome: Swift.Result<Result, any Error>
            do {
                let environment = try exports(in: output.fileHandleForReading, folder.path)
                let bench = Workbench(folder: folder.path, environment: environment, server: process)
                outcome = .success(try await bench.run(body))
            } catch {
                outcome = .failure(error)
            }
            process.terminate()
            try await process.ended()
            return try outcome.get()
        }
    }

    /// Runs a test and looks for the token afterwards.
    private func run<Result>(_ body: (Workbench) async throws -> Result) async throws -> Result {
        let result = try await body(self)
        let leaks = try await TokenLeaks.find(token, in: folder) + outputs.leaks(of: token)
        #expect(leaks.isEmpty, "the token is in \(leaks)")
        return result
    }

    /// Waits for the four `export` lines and reads them as a shell would.
    private static func exports(in handle: FileHandle, _ folder: String) throws -> [String: String?] {
        var text = ""
        while text.split(separator: "\n").count < 4 {
            let data = handle.availableData
            guard !data.isEmpty else { throw CocoaError(.fileReadUnknown) }
            text += String(decoding: data, as: UTF8.self)
        }
        var environment: [String: String?] = [
            "CLOUDFLARE_API_KEY": nil, "CLOUDFLARE_EMAIL": nil, "HTTP_PROXY": nil, "http_proxy": nil,
        ]
        for line in text.split(separator: "\n") {
            let parts = line.dropFirst("export ".count).split(separator: "=", maxSplits: 1)
            environment[String(parts[0])] = String(parts[1])
        }
        let token = try String(contentsOfFile: "\(folder)/server/token", encoding: .utf8)
        environment["KVARK_STATE_DIR"] = "\(folder)/state"
        environment["CLOUDFLARE_API_TOKEN"] = token.trimmingCharacters(in: .whitespacesAndNewlines)
        return environment
    }

    /// The port that the server listens at.
    var port: Int {
        get throws {
            let address = environment["CLOUDFLARE_API_BASE_URL"].flatMap { $0 }.flatMap { URL(string: $0) }
            return try #require(address?.port)
        }
    }

    /// The server's token.
    var token: String { environment["CLOUDFLARE_API_TOKEN"].flatMap { $0 } ?? "" }

    /// Runs the built command.
    func kvark(
        _ arguments: String..., input: [UInt8] = [], environment changes: [String: String?] = [:]
    ) async throws -> CommandRunner.Outcome {
        try await kvark(arguments, input: input, environment: changes)
    }

    /// Runs the built command.
    func kvark(
        _ arguments: [String], input: [UInt8] = [], environment changes: [String: String?] = [:]
    ) async throws -> CommandRunner.Outcome {
        let outcome = try await CommandRunner.run(
            CommandRunner.kvark, arguments, input: input,
            environment: CommandRunner.environment(changing: environment.merging(changes) { $1 }),
            folder: URL(filePath: folder))
        outputs.note(outcome, of: arguments.joined(separator: " "))
        return outcome
    }

    /// Runs a script with bash, with the server's variables set.
    func bash(_ script: String, environment changes: [String: String?] = [:]) async throws -> CommandRunner.Outcome {
        let variables = environment.merging(["KVARK": CommandRunner.kvark]) { $1 }.merging(changes) { $1 }
        let outcome = try await CommandRunner.run(
            "bash", ["-c", "set -euo pipefail\n\(script)"],
            environment: CommandRunner.environment(changing: variables), folder: URL(filePath: folder))
        outputs.note(outcome, of: script)
        return outcome
    }

    /// Starts the built command and leaves it running; what it says goes to the file `started.err`.
    func start(_ arguments: [String], environment changes: [String: String?] = [:]) throws -> Process {
        let variables = environment.merging(changes) { $1 }
        let process = CommandRunner.makeProcess(CommandRunner.kvark, arguments, variables, in: folder)
        process.standardOutput = FileHandle.nullDevice
        let errors = "\(folder)/started.err"
        try Data().write(to: URL(filePath: errors))
        process.standardError = try FileHandle(forWritingTo: URL(filePath: errors))
        process.standardInput = FileHandle.nullDevice
        try CommandRunner.start(process)
        return process
    }

    /// Loads small records: keys `key:1`… with values that say so.
    func load(_ namespace: String, records: Int) async throws {
        _ = try await kvark("namespace", "create", namespace)
        let outcome = try await bash(
            """
            awk 'BEGIN { for (i = 1; i <= \(records); i++)
                printf "{\\"key\\":\\"key:%08d\\",\\"metadata\\":{\\"n\\":%d.0},\\"value\\":\\"%0180d\\"}\\n", i, i, i }' |
                "$KVARK" bulk put "\(namespace)" -
            """)
        guard outcome.status == 0 else { throw CocoaError(.fileWriteUnknown) }
    }

    /// Loads records as namespaces have them: small JSON, one in a hundred not text, some of 2 MiB.
    func loadMixed(_ namespace: String, records: Int) async throws {
        _ = try await kvark("namespace", "create", namespace)
        let lines = MixedRecords.records(count: records, seed: 77, large: 6).map { RecordLine($0).text + [0x0A] }
        let file = "\(folder)/records.ndjson"
        try Data(lines.joined()).write(to: URL(filePath: file))
        let outcome = try await kvark("bulk", "put", namespace, file)
        guard outcome.status == 0 else { throw CocoaError(.fileWriteUnknown) }
        try FileManager.default.removeItem(atPath: file)
    }
}

// MARK: - What the server has logged

extension Workbench {
    /// A request as the server's log has it.
    struct LoggedRequest: Decodable {
        /// When it was answered, as `2026-11-23T13:23:05Z`.
        var time: String
        /// What was asked for, such as `bulk-get`.
        var route: String
        /// The answer's status.
        var status: Int
        /// What is left of the limit's window, where there is a limit.
        var remaining: Int?
    }

    private var logPath: String { "\(folder)/requests.ndjson" }

    /// The requests that the server has answered, in order.
    func requests() throws -> [LoggedRequest] {
        let decoder = JSONDecoder()
        return try Data(contentsOf: URL(filePath: logPath)).split(separator: 0x0A).map {
            try decoder.decode(LoggedRequest.self, from: $0)
        }
    }

    /// How many requests the server has logged.
    func requestCount() throws -> Int {
        try Data(contentsOf: URL(filePath: logPath)).count { $0 == 0x0A }
    }

    /// How long the log is; grows with each request, and is quicker to ask for than their number.
    func logBytes() throws -> Int {
        try FileManager.default.attributesOfItem(atPath: logPath)[.size] as? Int ?? 0
    }

    /// Forgets the requests logged so far.
    func clearLog() throws {
        // The server appends, so that it goes on at the start.
        try FileHandle(forWritingTo: URL(filePath: logPath)).truncate(atOffset: 0)
    }
}

extension Process {
    /// Waits until the process has ended, without holding a thread that others need.
    func ended() async throws {
        while isRunning { try await Task.sleep(for: .milliseconds(5)) }
    }
}

/// What commands have written, with the commands.
private final class Outputs: Sendable {
    private let all = Mutex<[(command: String, output: [UInt8])]>([])

    func note(_ outcome: CommandRunner.Outcome, of command: String) {
        all.withLock { $0.append((command, outcome.output + outcome.errorOutput)) }
    }

    /// The commands that wrote a token.
    func leaks(of token: String) -> [String] {
        all.withLock { all in
            all.filter { !Data($0.output).ranges(of: Data(token.utf8)).isEmpty }.map { "the output of \($0.command)" }
        }
    }
}
