import KVTestSupport
import WorkersKV

/// A namespace id in the form of Cloudflare's.
let someNamespace: NamespaceID = "0f2ac74b498b48028cb68387c421e279"
/// A token whose appearance anywhere is a leak.
let someToken = "cfut_0123456789abcdefghijklmnopqrstuvwxyzABCD"

/// Runs a client against a server that answers as told, with short pauses between attempts.
func withScriptedClient<Result>(
    attempts: Int = 3,
    refusesQuestions: Bool = false,
    adjust: (inout KVClientOptions) -> Void = { _ in },
    answer: @escaping @Sendable (ScriptedServer.Request, Int) -> ScriptedServer.Answer,
    _ body: (KVClient, ScriptedServer) async throws -> Result
) async throws -> Result {
    try await ScriptedServer.withServer(refusesQuestions: refusesQuestions, answer) { server in
        var options = try KVClientOptions(
            accountID: "a0a1a2a3a4a5a6a7a8a9aaabacadaeaf", credentials: .apiToken(someToken),
            baseURL: "http://127.0.0.1:\(server.port)/client/v4")
        options.retryPolicy.maximumAttempts = attempts
        options.retryPolicy.firstPause = .milliseconds(1)
        adjust(&options)
        return try await withKVClient(options) { try await body($0, server) }
    }
}

/// The error that an operation ends with.
func kvError(_ operation: () async throws -> Void) async -> KVError? {
    do {
        try await operation()
        return nil
    } catch {
        return error as? KVError
    }
}
