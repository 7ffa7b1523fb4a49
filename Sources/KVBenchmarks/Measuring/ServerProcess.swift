import Foundation
import Glibc
import KVHTTP

/// An embedded server in a process of its own, so that neither its time nor its memory counts as the client's.
struct ServerProcess {
    let process: pid_t
    let folder: String
    /// The variables with which programs reach it.
    let environment: [String: String]

    /// The API's address.
    var baseURL: String { environment["CLOUDFLARE_API_BASE_URL"] ?? "" }

    /// The identifier of a namespace.
    func namespaceID(_ title: String) async throws -> String {
        try await withHTTPClient(HTTPOptions()) { try await PlainLoop(self, over: $0).namespaceID(title) }
    }

    /// Lends a running server.
    static func withServer<Result>(
        _ kvark: String, in folder: String, options: [String] = [], _ body: (ServerProcess) async throws -> Result
    ) async throws -> Result {
        let server = try await start(kvark, folder, options)
        defer {
            kill(server.process, SIGTERM)
            var status: Int32 = 0
            waitpid(server.process, &status, 0)
        }
        return try await body(server)
    }

    private static func start(_ kvark: String, _ folder: String, _ options: [String]) async throws -> ServerProcess {
        try? FileManager.default.removeItem(atPath: folder)
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let output = "\(folder)/exports"
        let arguments = [kvark, "serve", "--data", "\(folder)/data", "--port", "0"] + options
        let process = try ChildProcess.spawn(arguments, [:], output)
        for _ in 0..<500 {
            let text = (try? String(contentsOfFile: output, encoding: .utf8)) ?? ""
            let lines = text.split(separator: "\n")
            if lines.count >= 4 {
                var environment = ["KVARK_STATE_DIR": "\(folder)/state"]
                for line in lines {
                    let parts = line.dropFirst("export ".count).split(separator: "=", maxSplits: 1)
                    environment[String(parts[0])] = String(parts[1])
                }
                let token = try String(contentsOfFile: "\(folder)/data/token", encoding: .utf8)
                environment["CLOUDFLARE_API_TOKEN"] = token.trimmingCharacters(in: .whitespacesAndNewlines)
                return ServerProcess(process: process, folder: folder, environment: environment)
            }
            try await Task.sleep(for: .milliseconds(20))
        }
        throw BenchmarkFailure(description: "the embedded server did not start")
    }
}
