import Foundation
import KVTestSupport
import Testing

/// The command against a server that answers as told.
@Suite struct AnsweredTests {
    private static let namespaceID = "0f2ac74b498b48028cb68387c421e279"
    private static let namespace = "{\"id\":\"\(namespaceID)\",\"title\":\"n\"}"

    /// Gives the answers that lead to a namespace, and leaves the others to the test.
    private static func withServer<Result>(
        _ answer: @escaping @Sendable (ScriptedServer.Request) -> ScriptedServer.Answer,
        _ body: (ScriptedServer, [String: String?]) async throws -> Result
    ) async throws -> Result {
        try await ScriptedServer.withServer { request, _ in
            if request.method == "GET", request.target.hasSuffix("/namespaces/\(namespaceID)") {
                return .success(namespace)
            }
            return answer(request)
        } _: { server in
            let environment: [String: String?] = [
                "CLOUDFLARE_API_TOKEN": "token", "CLOUDFLARE_ACCOUNT_ID": "account", "CLOUDFLARE_API_KEY": nil,
                "CLOUDFLARE_API_BASE_URL": "http://127.0.0.1:\(server.port)/client/v4", "HTTP_PROXY": nil,
                "http_proxy": nil,
            ]
            return try await body(server, environment)
        }
    }

    private static func kvark(
        _ arguments: [String], input: String = "", _ environment: [String: String?]
    ) async throws -> CommandRunner.Outcome {
        try await CommandRunner.run(
            CommandRunner.kvark, arguments, input: Array(input.utf8),
            environment: CommandRunner.environment(changing: environment))
    }

    // MARK: Bulk commands

    private static let pairs = (0..<5).map { "{\"key\":\"k\($0)\",\"value\":\"v\"}\n" }.joined()

    @Test(arguments: [
        (#"{"successful_key_count":5,"unsuccessful_keys":[]}"#, 0, 5, []), ("null", 0, 5, []),
        (#"{"successful_key_count":4,"unsuccessful_keys":["k2"]}"#, 3, 4, ["not done: \"k2\""]),
        (#"{"successful_key_count":3,"unsuccessful_keys":[]}"#, 3, 3, ["not done: 2 keys of 5"]),
        (
            #"{"successful_key_count":3,"unsuccessful_keys":["k2"]}"#, 3, 3,
            ["not done: \"k2\"", "not done: 1 key of 5"]
        ),
    ])
    func `keys that a bulk command has not done are counted, also those that nobody names`(
        result: String, status: Int32, done: Int, complaints: [String]
    ) async throws {
        try await Self.withServer { _ in
            .success(result)
        } _: { _, environment in
            let put = try await Self.kvark(["bulk", "put", Self.namespaceID, "-"], input: Self.pairs, environment)
            let delete = try await Self.kvark(
                ["bulk", "delete", Self.namespaceID, "k0", "k1", "k2", "k3", "k4", "k0"], environment)
            for (outcome, verb) in [(put, "wrote"), (delete, "deleted")] {
                #expect(outcome.status == status, "\(outcome.errorText)")
                #expect(outcome.errorText.contains("\(verb) \(done) keys"), "\(outcome.errorText)")
                for complaint in complaints { #expect(outcome.errorText.contains(complaint), "\(outcome.errorText)") }
            }
        }
    }

    // MARK: Signals

    /// Makes an archive of two records in a folder.
    private static func makeArchive(in folder: String) async throws -> String {
        try await Workbench.withServer { bench in
            _ = try await bench.kvark("namespace", "create", "n")
            _ = try await bench.kvark("bulk", "put", "n", "-", input: Array(pairs.utf8))
            let backup = try await bench.kvark("backup", "n", "--to", "\(folder)/vault")
            try #require(backup.status == 0, "\(backup.errorText)")
        }
        return "\(folder)/vault/n/latest"
    }

    /// Restores an archive into a server, sends a signal when the first write has come, and gives what that led to.
    private static func restore(
        signalledWhenWriteIsAnswered answer: @escaping @Sendable (ScriptedServer.Request) -> ScriptedServer.Answer
    ) async throws -> (status: Int32, errors: String) {
        try await withTemporaryFolder { folder in
            let archive = try await makeArchive(in: folder.path)
            let restore = RunningProcess()
            return try await withServer { request in
                if request.method == "GET" { return .success("[]") }
                restore.interrupt()
                // The command is to know of the signal before it knows of the answer.
                Thread.sleep(forTimeInterval: 0.3)
                return answer(request)
            } _: { _, environment in
                let changes = environment.merging(["KVARK_STATE_DIR": "\(folder.path)/state"]) { $1 }
                let process = CommandRunner.makeProcess(
                    CommandRunner.kvark, ["restore", archive, "--to", namespaceID], changes, in: folder.path)
                let errors = folder.appending(path: "errors")
                try Data().write(to: errors)
                process.standardError = try FileHandle(forWritingTo: errors)
                process.standardOutput = FileHandle.nullDevice
                try CommandRunner.start(process)
                restore.set(process.processIdentifier)
                process.waitUntilExit()
                return (process.terminationStatus, try String(contentsOf: errors, encoding: .utf8))
            }
        }
    }

    @Test func `a signal does not hide how a restore has ended`() async throws {
        let (status, errors) = try await Self.restore { request in
            String(decoding: request.body, as: UTF8.self).contains("\"k2\"")
                ? .failure(400, code: 10047, "metadata too long") : .success()
        }
        #expect(status == 3, "\(errors)")
        #expect(errors.contains("not written: \"k2\""))
        #expect(!errors.contains("run the same command again") && !errors.contains("interrupted"))
    }

    @Test func `a restore that was interrupted before it wrote anything has nothing to go on with`() async throws {
        let (status, errors) = try await Self.restore { _ in .failure(403, code: 10026, "not entitled") }
        #expect(status == 130, "\(errors)")
        #expect(!errors.contains("run the same command again"), "\(errors)")
    }

    @Test func `a restore that was interrupted says how to go on`() async throws {
        let (status, errors) = try await Self.restore { _ in .bytesThenClose([]) }
        #expect(status == 130, "\(errors)")
        #expect(errors.contains("run the same command again"), "\(errors)")
    }
}

/// The number of a process that a server is to send a signal to, known only after the server has started.
private final class RunningProcess: Sendable {
    private let condition = NSCondition()
    nonisolated(unsafe) private var number: Int32?  // Guarded by the condition.

    func set(_ process: Int32) {
        condition.withLock {
            number = process
            condition.broadcast()
        }
    }

    /// Sends SIGINT, once.
    func interrupt() {
        condition.withLock {
            while number == nil { condition.wait() }
            if let number, number > 0 { kill(number, SIGINT) }
            number = 0
        }
    }
}
