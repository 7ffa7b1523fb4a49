import Foundation
import KVTestSupport

/// A running `kvark serve`, a folder to work in, and the built command with the right environment.
struct Workbench: Sendable {
    /// The folder; removed afterwards.
    let folder: String
    /// The variables that the server printed.
    let environment: [String: String?]
    /// The server's process.
    let server: Process

    /// Runs a test with a server of its own.
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
            try process.run()
            defer {
                process.terminate()
                process.waitUntilExit()
            }
            let environment = try exports(in: output.fileHandleForReading, folder.path)
            return try await body(Workbench(folder: folder.path, environment: environment, server: process))
        }
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
        environment["CLOUDFLARE_API_TOKEN"] = token.trimmingCharacters(in: .whitespacesAndNewlines)
        return environment
    }

    /// The server's token.
    var token: String { environment["CLOUDFLARE_API_TOKEN"].flatMap { $0 } ?? "" }

    /// Runs the built command.
    func kvark(
        _ arguments: String..., input: [UInt8] = [], environment changes: [String: String?] = [:]
    ) async throws -> CommandRunner.Outcome {
        try await CommandRunner.run(
            CommandRunner.kvark, arguments, input: input,
            environment: CommandRunner.environment(changing: environment.merging(changes) { $1 }),
            folder: URL(filePath: folder))
    }

    /// Runs a script with bash, with the server's variables set.
    func bash(_ script: String, environment changes: [String: String?] = [:]) async throws -> CommandRunner.Outcome {
        let variables = environment.merging(["KVARK": CommandRunner.kvark]) { $1 }.merging(changes) { $1 }
        return try await CommandRunner.run(
            "bash", ["-c", "set -euo pipefail\n\(script)"],
            environment: CommandRunner.environment(changing: variables), folder: URL(filePath: folder))
    }

    /// How many requests the server has logged.
    func requestCount() throws -> Int {
        try String(contentsOfFile: "\(folder)/requests.ndjson", encoding: .utf8).split(separator: "\n").count
    }

    /// Starts the built command and leaves it running.
    func start(_ arguments: [String]) throws -> Process {
        let process = CommandRunner.makeProcess(CommandRunner.kvark, arguments, environment, in: folder)
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        process.standardInput = FileHandle.nullDevice
        try process.run()
        return process
    }

    /// Loads small records: keys `key:1`… with values that say so.
    func load(_ namespace: String, records: Int) async throws {
        _ = try await kvark("namespace", "create", namespace)
        let outcome = try await bash(
            """
            awk 'BEGIN { for (i = 1; i <= \(records); i++)
                printf "{\\"key\\":\\"key:%08d\\",\\"metadata\\":{\\"n\\":%d.0},\\"value\\":\\"%0180d\\"}\\n", i, i, i }' |
                "$KVARK" bulk put \(namespace) -
            """)
        guard outcome.status == 0 else { throw CocoaError(.fileWriteUnknown) }
    }
}
