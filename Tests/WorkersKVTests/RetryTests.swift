import KVTestSupport
import Testing
import WorkersKV

@Suite struct RetryTests {
    @Test(arguments: [
        ScriptedServer.Answer.failure(500, code: 10001, "internal error"), .http(502, "<html>bad gateway</html>"),
        .http(520, ""), .http(408, ""), .failure(429, code: 971, "slow down", headers: ["retry-after": "0"]),
        .bytesThenClose([]), .bytesThenReset([]), .http(200, "<html>"),
        .bytesThenReset(Array("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"success\"".utf8)),
    ])
    func `a passing failure is sent again`(failure: ScriptedServer.Answer) async throws {
        try await withScriptedClient { _, index in
            index == 0 ? failure : .success("[]", info: "{\"total_count\":0}")
        } _: { client, server in
            let namespaces = try await client.namespaces()
            #expect(namespaces.isEmpty)
            #expect(server.requests.count == 2)
            #expect(client.statistics.retries == 1)
            #expect(client.statistics.requests == [.namespaceList: 2])
        }
    }

    @Test func `attempts are limited`() async throws {
        try await withScriptedClient(attempts: 4) { _, _ in
            .http(503, "")
        } _: { client, server in
            let error = await kvError { _ = try await client.namespaces() }
            #expect(error?.code == .serverFailed)
            #expect(server.requests.count == 4)
        }
    }

    @Test func `the creation of a namespace is not repeated when it may have happened`() async throws {
        try await withScriptedClient { _, _ in
            .http(502, "")
        } _: { client, server in
            #expect(await kvError { _ = try await client.createNamespace(title: "t") }?.code == .serverFailed)
            #expect(server.requests.count == 1)
        }
    }

    @Test func `the daily quota is not waited for`() async throws {
        try await withScriptedClient { _, _ in
            .failure(429, code: 10048, "free usage limit", headers: ["retry-after": "0"])
        } _: { client, server in
            let error = await kvError { _ = try await client.namespaces() }
            #expect(error?.code == .dailyQuotaUsed)
            #expect(server.requests.count == 1)
        }
    }

    @Test(arguments: [("7", 7), ("0", 0), ("-5", 0), ("soon", nil), ("", nil)] as [(String, Int64?)])
    func `Retry-After is read as seconds`(header: String, seconds: Int64?) async throws {
        try await withScriptedClient(attempts: 1) { _, _ in
            .failure(429, code: 971, "slow down", headers: ["retry-after": header])
        } _: { client, _ in
            let error = await kvError { _ = try await client.namespaces() }
            #expect(error?.code == .rateLimited)
            #expect(error?.reply?.retryAfterSeconds == seconds)
        }
    }

    @Test func `Retry-After in the past as a date is no wait`() async throws {
        try await withScriptedClient(attempts: 1) { _, _ in
            .failure(429, code: 971, "slow", headers: ["retry-after": "Sun, 06 Nov 1994 08:49:37 GMT"])
        } _: { client, _ in
            let error = await kvError { _ = try await client.namespaces() }
            #expect(error?.reply?.retryAfterSeconds == 0)
        }
    }

    @Test func `pauses double, are a random share and obey the API`() {
        let policy = RetryPolicy()
        let failed = KVError(.serverFailed, "")
        func pause(_ error: KVError, _ attempt: Int, isIdempotent: Bool = true) -> Duration? {
            policy.pause(after: error, attempt: attempt, isIdempotent: isIdempotent, share: 1)
        }
        #expect((1...5).map { pause(failed, $0) } == [0.5, 1, 2, 4, 8].map { .seconds($0) })
        #expect(pause(failed, 6) == nil)
        #expect(pause(failed, 1, isIdempotent: false) == nil)
        #expect(policy.pause(after: failed, attempt: 3, isIdempotent: true, share: 0.25) == .seconds(0.5))

        var limited = KVError(.rateLimited, "", reply: KVError.Reply(status: 429, retryAfterSeconds: 300))
        #expect(pause(limited, 1, isIdempotent: false) == .seconds(300.5))
        limited.reply?.retryAfterSeconds = nil
        #expect((1...5).map { pause(limited, $0) } == [20.5, 41, 82, 164, 308].map { .seconds($0) })
        limited.reply?.retryAfterSeconds = 86_400
        #expect(pause(limited, 1) == nil)
    }
}
