import KVTestSupport
import Testing
import WorkersKV

@Suite struct AnalyticsTests {
    /// An answer with the days of one namespace, each with its keys and bytes.
    private static func answer(_ days: [(date: String, keys: String, bytes: String)]) -> ScriptedServer.Answer {
        let groups = days.map {
            #"{"dimensions":{"date":"\#($0.date)"},"max":{"byteCount":\#($0.bytes),"keyCount":\#($0.keys)}}"#
        }.joined(separator: ",")
        return .http(
            200, #"{"data":{"viewer":{"accounts":[{"kvStorageAdaptiveGroups":[\#(groups)]}]}},"errors":null}"#)
    }

    /// What the client makes of an answer.
    private static func metrics(_ answer: ScriptedServer.Answer) async throws -> StorageMetrics? {
        try await withScriptedClient(attempts: 1) { _, _ in
            answer
        } _: { client, _ in
            try await client.storageMetrics(of: someNamespace)
        }
    }

    @Test func `the last day that has any counts, in whatever order they come`() async throws {
        let days = [("2026-11-20", "7", "70"), ("2026-11-22", "9", "9007199254740992"), ("2026-11-21", "800", "8")]
        #expect(
            try await Self.metrics(Self.answer(days))
                == StorageMetrics(date: "2026-11-22", keys: 9, bytes: 9_007_199_254_740_992))
        #expect(try await Self.metrics(Self.answer([])) == nil)
        #expect(try await Self.metrics(.http(200, #"{"errors":[],"data":{"viewer":{"accounts":[]}}}"#)) == nil)
    }

    @Test func `one question names account, namespace and days`() async throws {
        try await withScriptedClient {
            $0.clock.unixNow = { 1_795_478_400 }
        } answer: { _, _ in
            Self.answer([])
        } _: { client, server in
            _ = try await client.storageMetrics(of: someNamespace, days: 3)
            let request = try #require(server.requests.first)
            #expect(server.requests.count == 1 && client.statistics.requests == [.analytics: 1])
            #expect(request.method == "POST" && request.target == "/client/v4/graphql")
            #expect(request.headers["content-type"] == "application/json")
            let program = "[.variables.account, .variables.namespace, .variables.first, .variables.last]"
            let variables = try await CommandRunner.run("jq", ["-c", program], input: request.body)
            #expect(
                variables.outputText
                    == "[\"a0a1a2a3a4a5a6a7a8a9aaabacadaeaf\",\"\(someNamespace)\",\"2026-11-21\",\"2026-11-24\"]\n")
        }
    }

    @Test func `errors in an answer with status 200 are refusals, those of rights are told apart`() async throws {
        func error(_ message: String, _ extensions: String = "{}") -> ScriptedServer.Answer {
            let text = #"{"message":"\#(message)","path":["viewer",0],"extensions":\#(extensions)}"#
            return .http(200, #"{"data":null,"errors":[\#(text)]}"#)
        }
        for (answer, code) in [
            (error("not for you", #"{"code":"authz"}"#), KVError.Code.unauthorized),
            (error("unknown field", "null"), .refused),
            (.http(200, #"{"data":null,"errors":[{}]}"#), .refused),
            (.failure(403, code: 10000, "Authentication error"), .unauthorized),
            (.failure(404, code: 7000, "No route for that URI"), .routeNotFound),
            (.http(404, "<html>", type: "text/html"), .routeNotFound),
            (.failure(503, code: 0, "later"), .serverFailed),
        ] {
            let failure = await kvError { _ = try await Self.metrics(answer) }
            #expect(failure?.code == code, "\(String(describing: failure))")
        }
        let said = await kvError { _ = try await Self.metrics(error("\(someToken) may not")) }
        #expect(said?.description.contains("may not") == true && said?.description.contains(someToken) == false)
        let long = await kvError { _ = try await Self.metrics(error(String(repeating: "x", count: 100_000))) }
        #expect(try #require(long).description.count < 1_000)
    }

    @Test(arguments: [
        "<html>hello</html>", "{}", "[]", "null", #"{"data":null,"errors":null}"#, #"{"data":{"viewer":null}}"#,
        #"{"success":true,"errors":[],"messages":[],"result":null}"#,
    ])
    func `an answer that is not of the analytics is no zero`(body: String) async {
        let failure = await kvError { _ = try await Self.metrics(.http(200, body)) }
        #expect(failure?.code == .malformedAnswer, "\(String(describing: failure))")
    }

    @Test(arguments: [
        ("2026-11-20", "-1", "1"), ("2026-11-20", "1.5", "1"), ("2026-11-20", "1", "9007199254740993"),
        ("2026-11-20", "null", "1"), ("2026-11-20", "\"1\"", "1"), ("yesterday", "1", "1"), ("", "1", "1"),
        ("2026-11-20\\u001b", "1", "1"),
    ])
    func `a day that cannot be is not believed`(date: String, keys: String, bytes: String) async {
        let failure = await kvError { _ = try await Self.metrics(Self.answer([(date, keys, bytes)])) }
        #expect(failure?.code == .malformedAnswer, "\(String(describing: failure))")
    }
}
