import Foundation
import KVTestSupport
import Testing
import WorkersKV

@Suite struct RetryTests {
    @Test(arguments: [
        ScriptedServer.Answer.failure(500, code: 10001, "internal error"), .http(502, "<html>bad gateway</html>"),
        .http(520, ""), .http(408, ""), .failure(408, code: 10009, "busy"),
        .failure(404, code: 10001, "internal error"),
        .failure(200, code: 10001, "internal error"), .failure(200, code: 971, "slow down"),
        .failure(200, code: 10429, "slow down"), .failure(200, code: 10022, "slow down"),
        .http(200, #"{"success":false,"errors":[],"messages":[],"result":null}"#),
        .failure(200, code: 424242, "no such code is known"), .failure(429, code: 10013, "slow down"),
        .failure(401, code: 10000, "Authentication error"), .failure(403, code: 10000, "Authentication error"),
        .failure(429, code: 971, "slow down", headers: ["retry-after": "0"]),
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

    @Test func `a 10000 blip is sent again once`() async throws {
        try await withScriptedClient(attempts: 8) { _, index in
            index == 0 ? .http(503, "") : .failure(401, code: 10000, "Authentication error")
        } _: { client, server in
            let error = await kvError { _ = try await client.namespaces() }
            #expect(error?.code == .unauthorized)
            #expect(server.requests.count == 3)
            #expect(client.statistics.retriesByCause == ["server-failed": 1, "unauthorized": 1])
        }
    }

    @Test func `repetitions are counted by their cause`() async throws {
        let failures: [ScriptedServer.Answer] = [
            .http(408, ""), .http(500, ""), .http(200, "<html>"), .bytesThenReset([]), .http(500, ""),
            .failure(429, code: 971, "slow down", headers: ["retry-after": "0"]),
        ]
        try await withScriptedClient(attempts: 8) { _, index in
            index < failures.count ? failures[index] : .success("[]")
        } _: { client, _ in
            _ = try await client.namespaces()
            let causes = client.statistics.retriesByCause
            #expect(
                causes == [
                    "refused": 1, "server-failed": 2, "malformed-answer": 1, "connection-failed": 1, "rate-limited": 1,
                ])
            #expect(causes.values.reduce(0, +) == client.statistics.retries)
        }
    }

    @Test func `a client has a budget of retries, which successes fill again`() async throws {
        try await withScriptedClient(attempts: 8) {
            $0.retryPolicy.budget = 3
        } answer: { request, _ in
            request.method == "PUT" ? .success() : .http(503, "")
        } _: { client, server in
            let error = await kvError { _ = try await client.namespaces() }
            #expect(error?.code == .serverFailed)
            #expect(error?.message.hasSuffix("; the budget of retries is used up (4 of 4 requests failed)") == true)
            #expect(server.requests.count == 4)
            _ = await kvError { _ = try await client.namespaces() }
            #expect(server.requests.count == 5)
            try await client.write("v", to: "k", in: someNamespace)
            _ = await kvError { _ = try await client.namespaces() }
            #expect(server.requests.count == 8)
        }
    }

    @Test func `a used-up limit costs no budget`() async throws {
        try await withScriptedClient {
            $0.retryPolicy.budget = 0
        } answer: { _, index in
            index == 0 ? .failure(429, code: 971, "slow down", headers: ["retry-after": "0"]) : .success("[]")
        } _: { client, server in
            _ = try await client.namespaces()
            #expect(server.requests.count == 2)
        }
    }

    @Test func `a client of fewer attempts shares the rest`() async throws {
        try await withScriptedClient(attempts: 3) { _, _ in
            .http(503, "")
        } _: { client, server in
            let hasty = client.limitingAttempts(to: 1)
            #expect(await kvError { _ = try await hasty.namespaces() }?.code == .serverFailed)
            #expect(server.requests.count == 1)
            #expect(client.statistics == hasty.statistics)
            #expect(await kvError { _ = try await client.namespaces() }?.code == .serverFailed)
            #expect(server.requests.count == 4)
            #expect(client.limitingAttempts(to: 100).options.retryPolicy.maximumAttempts == 3)
        }
    }

    @Test func `a client of fewer attempts waits for a limit as often as any other`() async throws {
        try await withScriptedClient(attempts: 6) { _, index in
            [1, 2, 3].contains(index) ? .failure(429, code: 971, "slow", headers: ["retry-after": "0"]) : .http(503, "")
        } _: { client, server in
            let hasty = client.limitingAttempts(to: 2)
            #expect(await kvError { _ = try await hasty.namespaces() }?.code == .serverFailed)
            #expect(server.requests.count == 5)
        }
    }

    @Test(arguments: [
        ScriptedServer.Answer.http(502, ""), .bytesThenReset([]), .http(200, "<html>"), .http(408, ""),
    ])
    func `a namespace that is gone after an answer was lost has been deleted`(
        lost: ScriptedServer.Answer
    ) async throws {
        try await withScriptedClient { _, index in
            index == 0 ? lost : .failure(404, code: 10013, "namespace not found")
        } _: { client, server in
            try await client.deleteNamespace(someNamespace)
            #expect(server.requests.count == 2)
        }
    }

    @Test(arguments: [
        nil, ScriptedServer.Answer.failure(429, code: 971, "slow down", headers: ["retry-after": "0"]),
        .failure(401, code: 10000, "Authentication error"),
    ])
    func `a namespace that was never there is not deleted`(refusal: ScriptedServer.Answer?) async throws {
        try await withScriptedClient { _, index in
            (index == 0 ? refusal : nil) ?? .failure(404, code: 10013, "namespace not found")
        } _: { client, _ in
            #expect(await kvError { try await client.deleteNamespace(someNamespace) }?.code == .namespaceNotFound)
        }
    }

    @Test func `a client that does not wait for the quota shares the wait of one that does`() async throws {
        let clock = FakeClock()
        try await withScriptedClient(attempts: 1) {
            $0.waitsForDailyQuota = true
            $0.clock = clock.clock
        } answer: { _, index in
            index == 0 ? .failure(429, code: 10048, "free usage limit") : .success("[]")
        } _: { client, _ in
            let impatient = client.notWaitingForDailyQuota
            #expect(await kvError { _ = try await impatient.namespaces() }?.code == .dailyQuotaUsed)
            #expect(clock.now == 0)
            _ = try await client.namespaces()
        }
    }

    @Test func `an attempt with a large body may take longer`() throws {
        let options = try KVClientOptions(accountID: "a", credentials: .apiToken("t"))
        #expect(options.attemptTimeout(bodyBytes: 0) == .seconds(300))
        #expect(options.attemptTimeout(bodyBytes: 95_000_000) == .seconds(1250))
        #expect(options.stallTimeout == .seconds(30))
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

    @Test func `the daily quota is waited for until midnight if told so, and then in steps`() async throws {
        // 23:00 UTC on some day.
        let clock = FakeClock(unixStart: 20_000 * 86_400 + 23 * 3600)
        let pauses = Collected<Duration>()
        try await withScriptedClient(attempts: 1) {
            $0.waitsForDailyQuota = true
            $0.clock = clock.clock
            $0.onPause = { pauses.append($0) }
        } answer: { _, index in
            index < 2 ? .failure(429, code: 10048, "free usage limit") : .success("[]")
        } _: { client, server in
            _ = try await client.namespaces()
            #expect(server.requests.count == 3)
            #expect(pauses.all.map { ($0 / .seconds(1)).rounded() } == [3660, 600])
            #expect((4260..<4265).contains(clock.now))
            #expect(client.statistics.pausedSeconds >= 4260)
        }
    }

    @Test(arguments: [(0.0, 600.0), (599, 600), (600, 85_860), (86_399, 61)])
    func `the daily quota comes back a minute after midnight`(sinceMidnight: Double, seconds: Double) {
        #expect(DailyQuota.secondsToWait(unixNow: 20_000 * 86_400 + sinceMidnight) == seconds)
    }

    @Test(
        arguments: [
            ("7", 7), ("0", 0), ("-5", 0), ("soon", nil), ("", nil), ("1e308", nil), ("nan", nil), ("inf", nil),
            ("1.5", nil),
            ("9223372036854775807", .max), ("9223372036854775808", nil), ("-9223372036854775808", 0),
        ] as [(String, Int64?)])
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
        #expect((1...7).map { pause(failed, $0) } == [0.5, 1, 2, 4, 8, 16, 30].map { .seconds($0) })
        #expect(pause(failed, 8) == nil)
        #expect(pause(failed, 1, isIdempotent: false) == nil)
        #expect(policy.pause(after: failed, attempt: 3, isIdempotent: true, share: 0.25) == .seconds(0.5))

        var limited = KVError(.rateLimited, "", reply: KVError.Reply(status: 429, retryAfterSeconds: 300))
        #expect(pause(limited, 1, isIdempotent: false) == .seconds(300.5))
        limited.reply?.retryAfterSeconds = nil
        #expect((1...5).map { pause(limited, $0) } == [20.5, 40.5, 80.5, 160.5, 300.5].map { .seconds($0) })
        limited.reply?.retryAfterSeconds = 86_400
        #expect(pause(limited, 1) == nil)
    }

    @Test(arguments: [
        "Mon, 01 Jan 9999999 00:00:00 GMT", "Mon, 01 Jan 0000 00:00:00 GMT", "Mon, 99 Jan 2026 99:99:99 GMT",
        "Mon, 01 Jan 99999999999 00:00:0", "Mon, 01 Jan -9999 00:00:00 GMT",
    ])
    func `a date that is far away is a long wait, or none`(text: String) {
        for now in [-1e300, 0, 1_790_000_000, 1e300] {
            if let seconds = RetryAfter.seconds(text, now: Date(timeIntervalSince1970: now)) {
                #expect(seconds >= 0, "\(text)")
            }
        }
    }

    @Test func `a policy of any numbers gives pauses that end`() {
        let edges: [Duration] = [.zero, .seconds(-5), .milliseconds(500), .seconds(Int64.max), .seconds(Int64.min)]
        for first in edges {
            for longest in edges {
                var policy = RetryPolicy()
                policy.maximumAttempts = .max
                policy.firstPause = first
                policy.longestPause = longest
                policy.longestBlindWait = longest
                policy.longestRetryAfter = longest
                for attempt in [Int.min, 0, 1, 17, 1_000, .max - 1] {
                    for seconds in [nil, 0, Int64.max] {
                        let reply = KVError.Reply(status: 429, retryAfterSeconds: seconds)
                        for code in [KVError.Code.rateLimited, .serverFailed] {
                            let error = KVError(code, "", reply: reply)
                            _ = policy.pause(after: error, attempt: attempt, isIdempotent: true, share: 1)
                        }
                    }
                    #expect(policy.pause(afterRound: attempt) >= .zero)
                }
            }
        }
    }

    @Test func `a budget without end stays one`() async throws {
        try await withScriptedClient {
            $0.retryPolicy.budget = .max
        } answer: { _, index in
            index == 1 ? .failure(500, code: 10001, "internal") : .success("[]")
        } _: { client, server in
            for _ in 0..<3 { _ = try await client.namespaces() }
            #expect(server.requests.count == 4)
        }
    }

    @Test(arguments: [Double.infinity, 1e300, .nan, -.infinity])
    func `a sleep of any length can be cancelled`(seconds: Double) async {
        let task = Task { try await PaceClock.system.sleep(seconds) }
        task.cancel()
        // One that is none may be over before it is cancelled.
        if case .failure(let error) = await task.result {
            #expect(error is CancellationError)
        } else {
            #expect(!(seconds > 0))
        }
    }
}
