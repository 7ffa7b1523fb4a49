import KVTestSupport
import Testing
import WorkersKV

@Suite struct PacerTests {
    private static func emptyList(_ headers: [String: String] = [:]) -> ScriptedServer.Answer {
        .http(200, #"{"success":true,"errors":[],"messages":[],"result":[]}"#, headers: headers)
    }

    private static let limited = ScriptedServer.Answer.failure(
        429, code: 971, "slow down", headers: ["retry-after": "50"])

    @Test func `Retry-After is waited for once`() async throws {
        let clock = FakeClock()
        let pauses = Collected<Duration>()
        let retries = Collected<Duration>()
        try await withScriptedClient {
            $0.clock = clock.clock
            $0.onPause = { pauses.append($0) }
            $0.onRetry = { _, pause, _ in retries.append(pause) }
        } answer: { _, index in
            index == 0 ? Self.limited : Self.emptyList()
        } _: { client, server in
            _ = try await client.namespaces()
            #expect(server.requests.count == 2)
            #expect((50..<51).contains(clock.now))
            #expect((50..<51).contains(client.statistics.pausedSeconds))
            #expect(pauses.all.count == 1)
            #expect(retries.all.count == 1)
        }
    }

    @Test func `a 429 stops all clients with the same credentials at the same address`() async throws {
        let clock = FakeClock()
        try await withScriptedClient(attempts: 1) {
            $0.clock = clock.clock
        } answer: { _, index in
            index == 0 ? Self.limited : Self.emptyList()
        } _: { client, _ in
            #expect(await kvError { _ = try await client.namespaces() }?.code == .rateLimited)
            #expect(clock.now == 0)

            var stranger = client.options
            stranger.credentials = try .apiToken("another")
            try await withKVClient(stranger) { _ = try await $0.namespaces() }
            #expect(clock.now == 0)

            try await withKVClient(client.options) { _ = try await $0.namespaces() }
            #expect(clock.now >= 50)
        }
    }

    @Test func `a Retry-After that is too long is no reason to wait for anybody`() async throws {
        let clock = FakeClock()
        try await withScriptedClient {
            $0.clock = clock.clock
        } answer: { _, index in
            index == 0
                ? .failure(429, code: 971, "slow down", headers: ["retry-after": "86400"]) : Self.emptyList()
        } _: { client, server in
            #expect(await kvError { _ = try await client.namespaces() }?.code == .rateLimited)
            _ = try await client.namespaces()
            #expect(server.requests.count == 2)
            #expect(clock.now == 0)
        }
    }

    @Test(arguments: [
        ["ratelimit": "default;r=0;t=17"], ["ratelimit-policy": "default;q=100;w=17"],
        ["x-ratelimit-remaining": "0", "x-ratelimit-reset": "17"],
    ])
    func `a 429 without Retry-After lasts until the window's end`(headers: [String: String]) async throws {
        let clock = FakeClock()
        try await withScriptedClient {
            $0.clock = clock.clock
        } answer: { _, index in
            index == 0 ? .failure(429, code: 971, "slow down", headers: headers) : Self.emptyList()
        } _: { client, _ in
            _ = try await client.namespaces()
            #expect((17..<18).contains(clock.now))
        }
    }

    @Test func `a pause at the reserve is told once, however many wait`() async throws {
        let clock = FakeClock()
        let pauses = Collected<Duration>()
        try await withScriptedClient {
            $0.clock = clock.clock
            $0.onPause = { pauses.append($0) }
        } answer: { _, index in
            Self.emptyList([
                "ratelimit-policy": #""default";q=1200;w=300"#,
                "ratelimit": index == 0 ? #""default";r=100;t=40"# : #""default";r=1100;t=300"#,
            ])
        } _: { client, server in
            _ = try await client.namespaces()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<5 { group.addTask { _ = try await client.namespaces() } }
                try await group.waitForAll()
            }
            #expect(server.requests.count == 6)
            #expect(pauses.all == [.seconds(40)])
            #expect(client.statistics.pausedSeconds >= 40)
        }
    }

    @Test func `a connection that breaks after a 429 lets the next request try`() async throws {
        let clock = FakeClock()
        try await withScriptedClient {
            $0.clock = clock.clock
        } answer: { _, index in
            index == 0 ? Self.limited : index == 1 ? .bytesThenReset([]) : Self.emptyList()
        } _: { client, server in
            _ = try await client.namespaces()
            #expect(server.requests.count == 3)
            #expect((50..<52).contains(clock.now), "nobody waits for the answer that will not come")
        }
    }

    @Test func `limits that make no sense stop nothing`() async throws {
        let clock = FakeClock()
        try await withScriptedClient {
            $0.clock = clock.clock
        } answer: { _, _ in
            Self.emptyList(["ratelimit-policy": "a;q=0;w=0", "ratelimit": "a;r=-1;t=x", "x-ratelimit-limit": "lots"])
        } _: { client, _ in
            for _ in 0..<20 { _ = try await client.namespaces() }
            #expect(clock.now == 0)
            #expect(client.statistics.pausedSeconds == 0)
        }
    }

    @Test func `a task that waits is cancelled at once`() async throws {
        let pacer = Pacer(policy: PacingPolicy(), isCloudflare: false)
        pacer.block(for: .seconds(3600))
        let isWaiting = Collected<Bool>()
        let task = Task { try await pacer.waitForTurn { _, _ in isWaiting.append(true) } }
        while isWaiting.all.isEmpty { await Task.yield() }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
    }

    @Test func `a pacer lasts as long as somebody has it, with the strictest policy`() async throws {
        let clock = FakeClock()
        var options = try KVClientOptions(
            accountID: "a", credentials: .apiToken("shared"), baseURL: "http://127.0.0.1:1/one")
        options.clock = clock.clock
        var pacer: Pacer? = PacerRegistry.pacer(for: options)
        options.baseURL = "http://127.0.0.1:1/two"
        options.accountID = "b"
        options.pacing.requestsPerFiveMinutes = 12
        #expect(PacerRegistry.pacer(for: options) === pacer)
        _ = try await pacer?.waitForTurn()
        _ = try await pacer?.waitForTurn()
        #expect(clock.now >= 27)

        options.baseURL = "http://127.0.0.1:2/two"
        #expect(PacerRegistry.pacer(for: options) !== pacer)
        weak let gone = pacer
        pacer = nil
        #expect(gone == nil)
    }

    @Test(arguments: [
        ("api.cloudflare.com", true), ("api.staging.cloudflare.com:443", true), ("cloudflare.com.example.org", false),
        ("mycloudflare.com", false), ("127.0.0.1:8787", false), ("", false),
    ])
    func `Cloudflare's own hosts are known`(host: String, isCloudflare: Bool) {
        #expect(PacerRegistry.isCloudflare(host) == isCloudflare)
    }
}
