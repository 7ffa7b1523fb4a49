import Foundation
import KVTestSupport
import Testing
import WorkersKV

@Suite struct FailureTests {
    @Test(arguments: [
        (404, 10009, KVError.Code.keyNotFound), (404, 10013, .namespaceNotFound), (400, 10011, .namespaceNotFound),
        (404, 7003, .routeNotFound), (404, 7000, .routeNotFound), (401, 1000, .unauthorized),
        (403, 9109, .unauthorized), (400, 6003, .unauthorized), (400, 10014, .titleTaken),
        (400, 10041, .invalidCursor),
        (400, 10033, .invalidExpiration), (400, 10034, .invalidExpiration), (400, 10047, .invalidMetadata),
        (400, 10147, .invalidMetadata), (413, 10024, .tooLarge), (414, 10030, .invalidKey), (400, 10042, .invalidKey),
        (429, 10048, .dailyQuotaUsed), (400, 10012, .refused), (405, 10405, .refused), (400, 10001, .refused),
        (200, 10012, .refused), (200, 10018, .refused), (400, 1000, .unauthorized), (400, 9103, .unauthorized),
        (400, 9106, .unauthorized), (400, 9109, .unauthorized), (400, 10000, .unauthorized),
        (405, 10000, .refused), (400, 10026, .unauthorized), (400, 10037, .unauthorized),
    ])
    func `the code of an answer decides what the failure means`(
        status: Int, code: Int, meaning: KVError.Code
    ) async throws {
        try await withScriptedClient { _, _ in
            .failure(status, code: code, "a reason", headers: ["cf-ray": "8f00-TST"])
        } _: { client, server in
            let error = await kvError { _ = try await client.metadata(of: "k", in: someNamespace) }
            #expect(error?.code == meaning)
            #expect(error?.reply?.status == status)
            #expect(error?.reply?.errors == [APIMessage(code: APICode(rawValue: code), message: "a reason")])
            #expect(error?.reply?.ray == "8f00-TST")
            #expect(server.requests.count == 1, "a final failure is not sent again")
        }
    }

    @Test func `one code with three meanings is told apart by its text`() async throws {
        let texts: [(String, KVError.Code)] = [
            ("bulk get keys: 'At least one of the requested keys corresponds to a non-text value'", .nonTextValue),
            ("bulk get keys: 'You can request a maximum of 100 keys'", .refused),
        ]
        for (text, meaning) in texts {
            try await withScriptedClient { _, _ in
                .failure(400, code: 10029, text)
            } _: { client, _ in
                let error = await kvError { _ = try await client.bulkGet(["k"], in: someNamespace) }
                #expect(error?.code == meaning)
            }
        }
    }

    @Test func `a missing value is nil, a missing namespace is an error`() async throws {
        try await withScriptedClient { request, _ in
            request.target.hasSuffix("/gone")
                ? .failure(404, code: 10009, "get: 'key not found'")
                : .failure(404, code: 10013, "get: 'namespace not found'")
        } _: { client, _ in
            let gone = try await client.value(of: "gone", in: someNamespace)
            #expect(gone == nil)
            let error = await kvError { _ = try await client.value(of: "other", in: someNamespace) }
            #expect(error?.code == .namespaceNotFound)
        }
    }

    @Test func `success false with status 200 is a failure`() async throws {
        try await withScriptedClient { _, _ in
            .failure(200, code: 10014, "title")
        } _: { client, _ in
            let error = await kvError { try await client.delete("k", in: someNamespace) }
            #expect(error?.code == .titleTaken)
        }
    }

    @Test(arguments: [
        "<html><body>502 Bad Gateway</body></html>", "", "{", "[]", "{\"result\":[]}", "{\"success\":true",
        "{\"success\":true}}", "\u{FEFF}{\"success\":true}",
    ])
    func `what is not the API's JSON is a malformed answer`(body: String) async throws {
        try await withScriptedClient(attempts: 2) { _, _ in
            .http(200, body, type: "text/html")
        } _: { client, server in
            let error = await kvError { _ = try await client.namespaces() }
            #expect(error?.code == .malformedAnswer)
            #expect(server.requests.count == 2)
        }
    }

    @Test func `a value that looks like an error is a value, and an error is never a value`() async throws {
        let envelope = #"{"success":false,"errors":[{"code":10009,"message":"x"}],"messages":[],"result":null}"#
        try await withScriptedClient { request, _ in
            request.target.hasSuffix("/value") ? .http(200, envelope) : .http(500, envelope)
        } _: { client, _ in
            let value = try await client.value(of: "value", in: someNamespace)
            #expect(value?.text == envelope)
            let error = await kvError { _ = try await client.value(of: "error", in: someNamespace) }
            #expect(error?.code == .serverFailed, "a server that failed is not believed about the key")
        }
    }

    @Test(arguments: ["content-encoding: gzip", "cf-mitigated: challenge"])
    func `a value that came altered is refused`(header: String) async throws {
        let head = "HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\(header)\r\n\r\nabc"
        try await withScriptedClient(attempts: 1) { _, _ in
            .bytes(Array(head.utf8))
        } _: { client, _ in
            let error = await kvError { _ = try await client.value(of: "k", in: someNamespace) }
            #expect(error?.code == .malformedAnswer)
        }
    }

    @Test func `a value whose end nobody announced is refused, because it may be cut`() async throws {
        try await withScriptedClient(attempts: 1) { _, _ in
            .bytesThenClose(Array("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nhalf a val".utf8))
        } _: { client, _ in
            let error = await kvError { _ = try await client.value(of: "k", in: someNamespace) }
            #expect(error?.code == .malformedAnswer)
        }
    }

    @Test func `a body shorter than announced is an error`() async throws {
        try await withScriptedClient(attempts: 1) { _, _ in
            .bytesThenClose(Array("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc".utf8))
        } _: { client, _ in
            let error = await kvError { _ = try await client.value(of: "k", in: someNamespace) }
            #expect(error?.code == .malformedAnswer)
        }
    }

    @Test func `a redirect is not followed, so that the token goes nowhere else`() async throws {
        try await withScriptedClient(attempts: 1) { request, _ in
            .http(302, "", headers: ["location": "/elsewhere"])
        } _: { client, server in
            let error = await kvError { _ = try await client.namespaces() }
            #expect(error?.code == .redirected)
            #expect(server.requests.count == 1)
        }
    }

    @Test(arguments: [301, 302, 303, 307, 308], [true, false])
    func `a redirect is final and names its target`(status: Int, isEnvelope: Bool) async throws {
        let target = "https://sign-in.example.com/login?\u{202E}next=1"
        try await withScriptedClient(attempts: 5) { request, _ in
            let body = isEnvelope ? #"{"success":false,"errors":[],"messages":[],"result":null}"# : "<html>"
            return .http(status, body, headers: ["location": target.replacing("\u{202E}", with: "%E2")])
        } _: { client, server in
            let error = await kvError { _ = try await client.value(of: "k", in: someNamespace) }
            #expect(error?.code == .redirected)
            #expect(error?.description.contains("https://sign-in.example.com/login?%E2next=1") == true)
            #expect(server.requests.count == 1)
        }
    }

    @Test func `what lies behind an error is said`() async throws {
        let chain =
            #"{"code":6111,"message":"Invalid format for Authorization header","error_chain":[{"code":1,"message":"x"}]}"#
        let error = #"{"code":6003,"message":"Invalid request headers","error_chain":[\#(chain)]}"#
        try await withScriptedClient(attempts: 1) { request, _ in
            .http(400, #"{"success":false,"errors":[\#(error)],"messages":[],"result":null}"#)
        } _: { client, _ in
            let error = await kvError { _ = try await client.namespaces() }
            #expect(error?.code == .unauthorized)
            let said =
                "code 6003: Invalid request headers (code 6111: Invalid format for Authorization header (code 1: x))"
            #expect(error?.description.contains(said) == true, "\(error?.description ?? "")")
        }
    }

    @Test func `an endless chain of messages is cut`() async throws {
        let depth = 200
        let start = String(repeating: #"{"code":1,"message":"x","error_chain":["#, count: depth)
        let body = "{\"success\":false,\"errors\":[" + start + String(repeating: "]}", count: depth) + "]}"
        try await withScriptedClient(attempts: 1) { request, _ in
            .http(400, body)
        } _: { client, _ in
            let error = await kvError { _ = try await client.namespaces() }
            #expect(error?.reply?.errors.count == 1)
            #expect((error?.description.count ?? 0) < 500)
        }
    }

    @Test func `an error cannot steer a terminal, whatever field says it`() async throws {
        let hostile = "\u{1B}[2J\u{9B}31m\u{202E}\u{7F}\u{2028}\r\n\u{0}"
        let quoted = String(decoding: try JSONEncoder().encode(hostile), as: UTF8.self)
        let chained = "{\"code\":2,\"message\":\(quoted)}"
        let item = "{\"code\":1,\"message\":\(quoted),\"error_chain\":[\(chained)]}"
        try await withScriptedClient(attempts: 1) { request, _ in
            .http(400, "{\"success\":false,\"errors\":[\(item)]}", headers: ["cf-ray": "a\u{9B}b"])
        } _: { client, _ in
            let error = await kvError { _ = try await client.value(of: "k", in: someNamespace) }
            let text = try #require(error).description
            let isSafe = text.unicodeScalars.allSatisfy { scalar in
                ![.control, .format, .lineSeparator].contains(scalar.properties.generalCategory)
            }
            #expect(isSafe, "\(text)")
            #expect(text.contains(#"\u001b[2J\u009b31m\u202e"#))
        }
    }

    @Test(arguments: ["cf-ray", "location", "content-encoding", "retry-after", "body"])
    func `a token that a server echoes shows nowhere`(field: String) async throws {
        try await withScriptedClient(attempts: 1) { request, _ in
            let echo =
                String(repeating: "a", count: 50) + (request.headers["authorization"]?.split(separator: " ").last ?? "")
            if field == "body" {
                return .http(
                    400,
                    "{\"success\":false,\"errors\":[{\"code\":1,\"message\":\"\",\"error_chain\":[{\"code\":2,\"message\":\"\(echo)\"}]}]}"
                )
            }
            return .http(field == "location" ? 302 : 200, "", headers: [field: echo])
        } _: { client, _ in
            let error = await kvError { _ = try await client.value(of: "k", in: someNamespace) }
            for text in [error?.description ?? "", String(reflecting: error)] {
                // Not even a part of it.
                #expect(!text.contains(someToken.prefix(10)), "\(text)")
            }
        }
    }

    @Test func `no token shows in an error, whoever repeats it`() async throws {
        try await withScriptedClient(attempts: 1) { request, _ in
            .failure(400, code: 10012, "you sent \(request.headers["authorization"] ?? "") and cfat_abcdefghijk")
        } _: { client, _ in
            let error = await kvError { _ = try await client.namespaces() }
            var dumped = ""
            dump(client, to: &dumped)
            let texts = [
                error?.description ?? "", String(reflecting: error), "\(client)", "\(client.options)", dumped,
            ]
            for text in texts {
                #expect(!text.contains(someToken) && !text.contains("cfat_abcdefghijk"), "\(text)")
            }
            #expect(error?.reply?.errors.first?.message.contains("<redacted>") == true)
        }
    }

    @Test func `no part of a token shows where a long message is cut`() async throws {
        // Without a prefix that gives it away.
        let token = "Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4Zm9vYmFy"
        let credentials = try Credentials.apiToken(token)
        try await withScriptedClient(attempts: 1) {
            $0.credentials = credentials
        } answer: { _, _ in
            .failure(400, code: 10012, String(repeating: "x", count: 480) + " \(token)")
        } _: { client, _ in
            let error = await kvError { _ = try await client.namespaces() }
            #expect(error?.description.contains(token.prefix(12)) == false)
        }
    }

    @Test func `a connection that ends during the TLS handshake is tried again, what is not TLS is final`() async throws
    {
        let cases: [(ScriptedServer.Answer, KVError.Code, attempts: Int)] = [
            (.bytesThenClose([]), .connectionFailed, 3),
            (.bytesThenClose(Array("HTTP/1.1 400 Bad Request\r\n\r\n".utf8)), .tlsFailed, 1),
        ]
        for (answer, code, attempts) in cases {
            try await withScriptedClient(attempts: 3) {
                $0.baseURL = $0.baseURL.replacing("http:", with: "https:")
            } answer: { _, _ in
                answer
            } _: { client, server in
                let error = await kvError { _ = try await client.namespaces() }
                #expect(error?.code == code, "\(error?.description ?? "")")
                #expect(server.requests.map(\.method) == Array(repeating: "TLS", count: attempts))
            }
        }
    }

    @Test func `a server that is silent ends in a timeout`() async throws {
        try await withScriptedClient(attempts: 1) {
            $0.stallTimeout = .milliseconds(200)
        } answer: { _, _ in
            .silence
        } _: { client, _ in
            let error = await kvError { _ = try await client.namespaces() }
            #expect(error?.code == .timedOut)
        }
    }

    @Test func `a server may work longer on a bulk write than on anything else`() async throws {
        try await withScriptedClient(attempts: 1) {
            $0.stallTimeout = .seconds(1)
            $0.bulkStallTimeout = .seconds(60)
        } answer: { request, _ in
            guard request.target.hasSuffix("/bulk") else { return .silence }
            Thread.sleep(forTimeInterval: 2)
            return .success()
        } _: { client, _ in
            _ = try await client.bulkWrite([KVRecord(key: "k", text: "v")], in: someNamespace)
            #expect(await kvError { _ = try await client.namespaces() }?.code == .timedOut)
        }
        let options = try KVClientOptions(accountID: "a", credentials: .apiToken("t"))
        #expect(options.bulkStallTimeout == .seconds(100))
    }

    @Test func `a refused connection is reported with its address`() async throws {
        let port = try await ScriptedServer.withServer({ _, _ in .silence }) { $0.port }
        var options = try KVClientOptions(
            accountID: "a", credentials: .apiToken(someToken), baseURL: "http://127.0.0.1:\(port)")
        options.retryPolicy.maximumAttempts = 1
        try await withKVClient(options) { client in
            let error = await kvError { _ = try await client.namespaces() }
            #expect(error?.code == .connectionFailed)
            #expect(error?.description.contains("127.0.0.1:\(port)") == true)
        }
    }

    @Test func `cancellation ends a request at once`() async throws {
        try await withScriptedClient { _, _ in
            .silence
        } _: { client, server in
            let task = Task { try await client.namespaces() }
            while server.requests.isEmpty { await Task.yield() }
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
        }
    }
}
