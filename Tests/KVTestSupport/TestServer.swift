package import KVServer
package import WorkersKV

/// An embedded server in memory with a client for it and one namespace, for as long as a test runs.
package struct TestServer: Sendable {
    /// The server.
    package let server: RunningServer
    /// A client for the server.
    package let client: KVClient
    /// A namespace that is empty at first.
    package let namespace: Namespace

    /// The token that the server wants.
    package var token: String { server.token }

    /// How many requests of a kind the server has answered.
    package func requests(_ route: Route) -> Int { server.requestCounts[route] ?? 0 }

    /// Runs a test with a server of its own.
    ///
    /// - Parameters:
    ///   - now: The server's clock.
    ///   - body: The test.
    /// - Returns: What the body returns.
    /// - Throws: What the body throws.
    package static func withServer<Result>(
        now: (@Sendable () -> UnixTime)? = nil, _ body: (TestServer) async throws -> Result
    ) async throws -> Result {
        var options = KVServerOptions(storage: .inMemory)
        if let now { options.now = now }
        return try await withKVServer(options) { server in
            var clientOptions = try KVClientOptions(
                accountID: server.accountID, credentials: .apiToken(server.token), baseURL: server.baseURL)
            clientOptions.retryPolicy.firstPause = .milliseconds(1)
            return try await withKVClient(clientOptions) { client in
                let namespace = try await client.createNamespace(title: "test")
                return try await body(TestServer(server: server, client: client, namespace: namespace))
            }
        }
    }

    /// Writes records with bulk writes.
    package func load(_ records: [KVRecord], into namespace: Namespace? = nil) async throws {
        for start in stride(from: 0, to: records.count, by: KVLimits.bulkWritePairs) {
            let chunk = records[start..<min(start + KVLimits.bulkWritePairs, records.count)]
            _ = try await client.bulkWrite(Array(chunk), in: (namespace ?? self.namespace).id)
        }
    }
}
