import KVTestSupport
import Testing
import WorkersKV

@Suite struct RequestTests {
    @Test(arguments: [
        ("a/b", "a%2Fb"), ("a/../b", "a%2F..%2Fb"), ("%2F", "%252F"), ("+", "%2B"), (" ", "%20"), ("?", "%3F"),
        ("#", "%23"), ("\u{0}", "%00"), ("\u{1F}", "%1F"), ("...", "..."), ("é", "%C3%A9"), ("😀", "%F0%9F%98%80"),
        ("/x", "%2Fx"), ("x/", "x%2F"), ("__proto__", "__proto__"), ("\u{FEFF}", "%EF%BB%BF"), ("a&b=c", "a%26b%3Dc"),
    ])
    func `keys travel exact as one path segment`(key: String, segment: String) async throws {
        try await withScriptedClient { _, _ in
            .http(200, "v", type: "application/octet-stream")
        } _: { client, server in
            _ = try await client.value(of: KVKey(key), in: someNamespace)
            let path = "/client/v4/accounts/a0a1a2a3a4a5a6a7a8a9aaabacadaeaf/storage/kv/namespaces/\(someNamespace)"
            #expect(server.requests.map(\.target) == ["\(path)/values/\(segment)"])
        }
    }

    @Test(arguments: ["", ".", ".."])
    func `keys that KV does not allow are refused before sending`(key: String) async throws {
        try await withScriptedClient { _, _ in
            .success()
        } _: { client, server in
            let key = KVKey(key)
            for error in [
                await kvError { _ = try await client.value(of: key, in: someNamespace) },
                await kvError { try await client.write("v", to: key, in: someNamespace) },
                await kvError { try await client.delete(key, in: someNamespace) },
                await kvError { _ = try await client.metadata(of: key, in: someNamespace) },
                await kvError { _ = try await client.bulkGet([key], in: someNamespace) },
                await kvError { _ = try await client.bulkDelete([key], in: someNamespace) },
                await kvError { _ = try await client.bulkWrite([KVRecord(key: key, value: [])], in: someNamespace) },
            ] {
                #expect(error?.code == .invalidKey)
            }
            #expect(server.requests.isEmpty)
        }
    }

    @Test func `a value without metadata is the body, one with metadata is a form with a file part`() async throws {
        try await withScriptedClient { _, _ in
            .success()
        } _: { client, server in
            let value: [UInt8] = [0xFF, 0x00, 0x0D, 0x0A]
            try await client.write(value, to: "k", in: someNamespace, expiration: .after(seconds: 60))
            try await client.write(
                value, to: "k", in: someNamespace, metadata: KVMetadata(json: "{ \"v\": 1.0 }"),
                expiration: .at(UnixTime(seconds: 2_000_000_000)))

            let plain = server.requests[0]
            #expect(plain.body == value)
            #expect(plain.headers["content-type"] == "application/octet-stream")
            #expect(plain.target.hasSuffix("/values/k?expiration_ttl=60"))
            let form = server.requests[1]
            #expect(form.target.hasSuffix("/values/k?expiration=2000000000"))
            #expect(form.headers["content-type"]?.hasPrefix("multipart/form-data; boundary=") == true)
            #expect(form.body.firstRange(of: value) != nil)
            #expect(form.body.firstRange(of: Array("{\"v\":1.0}\r\n".utf8)) != nil)
            #expect(form.body.firstRange(of: Array("filename=".utf8)) != nil)
        }
    }

    @Test func `both kinds of credentials send their headers`() async throws {
        try await withScriptedClient { _, _ in
            .success("[]")
        } _: { client, server in
            _ = try await client.namespaces()
            #expect(server.requests[0].headers["authorization"] == "Bearer \(someToken)")
        }
        let key = try Credentials.globalKey("0123456789abcdef", email: "someone@example.com")
        try await withScriptedClient {
            $0.credentials = key
        } answer: { _, _ in
            .success("[]")
        } _: { client, server in
            _ = try await client.namespaces()
            #expect(server.requests[0].headers["x-auth-key"] == "0123456789abcdef")
            #expect(server.requests[0].headers["x-auth-email"] == "someone@example.com")
            #expect(server.requests[0].headers["authorization"] == nil)
        }
    }

    @Test func `a bulk write is an array of canonical pairs`() async throws {
        try await withScriptedClient { _, _ in
            .success(#"{"successful_key_count":2,"unsuccessful_keys":["b"]}"#)
        } _: { client, server in
            let records = [
                KVRecord(key: "a", text: "1", metadata: try KVMetadata(json: "1e400")),
                KVRecord(key: "b", value: [0xFF], expiration: UnixTime(seconds: 2_000_000_000)),
            ]
            let report = try await client.bulkWrite(records, in: someNamespace)
            #expect(report == BulkReport(successfulKeyCount: 2, unsuccessfulKeys: ["b"]))
            let body = String(decoding: server.requests[0].body, as: UTF8.self)
            #expect(
                body
                    == #"[{"key":"a","metadata":1e400,"value":"1"},"#
                    + #"{"key":"b","expiration":2000000000,"base64":true,"value":"/w=="}]"#)
            #expect(
                await kvError { _ = try await client.bulkWrite([records[0], records[0]], in: someNamespace) }?.code
                    == .invalidOptions)
        }
    }

    @Test func `a bulk get reads hostile names, nulls and answers without details`() async throws {
        let values = #"""
            {"__proto__":{"value":"p","metadata":{"a":1.0},"expiration":2000000000},"0":{"value":"","metadata":null},
            "gone":null,"vanished":{"value":null,"metadata":null},"plain":"just text","\u00e9":{"value":"\ud83d\ude00"}}
            """#.filter { !$0.isNewline }
        try await withScriptedClient { _, _ in
            .success("{\"values\":\(values)}")
        } _: { client, _ in
            let result = try await client.bulkGet(
                ["__proto__", "0", "gone", "vanished", "plain", "é"], in: someNamespace)
            #expect(result["__proto__"]?.metadata?.text == "{\"a\":1.0}")
            #expect(result["__proto__"]?.expiration == UnixTime(seconds: 2_000_000_000))
            #expect(result["0"]?.value == [])
            #expect(result["gone"] == nil)
            #expect(result["vanished"] == nil)
            #expect(result["plain"]?.value == Array("just text".utf8))
            #expect(result.keysWithoutDetails == ["plain"])
            #expect(result["é"]?.value == Array("😀".utf8))
        }
    }

    @Test(arguments: [
        #"{"a":"1","a":{"value":"2","metadata":{}}}"#, #"{"a":"1","a":null}"#, #"{"a":"1","b":"2","\u0061":"1"}"#,
    ]) func `a bulk get that says two things of a key is not believed`(values: String) async throws {
        try await withScriptedClient { _, _ in
            .success("{\"values\":\(values)}")
        } _: { client, _ in
            let error = await kvError { _ = try await client.bulkGet(["a", "b"], in: someNamespace) }
            #expect(error?.code == .malformedAnswer)
        }
    }

    @Test func `namespaces are listed to the last page`() async throws {
        try await withScriptedClient { request, _ in
            let page = request.target.contains("?page=3") ? [] : [request.target.contains("?page=1") ? "a" : "b"]
            return .success("[\(page.map { "{\"id\":\"\($0)\",\"title\":\"\($0)\"}" }.joined())]")
        } _: { client, server in
            let namespaces = try await client.namespaces()
            #expect(namespaces.map(\.title) == ["a", "b"])
            #expect(server.requests.count == 3)
        }
    }

    @Test func `a total that counts only the page does not end the list`() async throws {
        try await withScriptedClient { request, _ in
            let rows =
                request.target.contains("?page=1&") ? 0..<100 : request.target.contains("?page=2&") ? 100..<130 : 0..<0
            let list = rows.map { "{\"id\":\"\($0)\",\"title\":\"\($0)\"}" }.joined(separator: ",")
            return .success("[\(list)]", info: "{\"total_count\":\(rows.count)}")
        } _: { client, _ in
            let namespaces = try await client.namespaces()
            #expect(namespaces.count == 130)
        }
    }

    @Test func `a total that counts the page does not end the list of a server with short pages`() async throws {
        try await withScriptedClient { request, _ in
            let page = request.target.firstMatch(of: /page=(\d+)&/).flatMap { Int($0.1) } ?? 0
            let rows = page > 3 ? 0..<0 : (page - 1) * 20..<page * 20
            let list = rows.map { "{\"id\":\"\($0)\",\"title\":\"\($0)\"}" }.joined(separator: ",")
            return .success("[\(list)]", info: "{\"count\":\(rows.count),\"total_count\":\(rows.count)}")
        } _: { client, _ in
            let namespaces = try await client.namespaces()
            #expect(namespaces.count == 60)
        }
    }

    @Test func `a total that agrees with a page that is not full ends the list`() async throws {
        try await withScriptedClient { _, _ in
            .success(#"[{"id":"1","title":"a"}]"#, info: #"{"page":1,"per_page":100,"count":1,"total_count":1}"#)
        } _: { client, server in
            let namespaces = try await client.namespaces()
            #expect(namespaces.count == 1)
            #expect(server.requests.count == 1)
        }
    }

    @Test func `a failure that names the keys it is about is a report`() async throws {
        let result = #"{"successful_key_count":1,"unsuccessful_keys":["b"]}"#
        try await withScriptedClient(attempts: 1) { request, _ in
            let code = request.target.contains("/bulk/delete") ? 10048 : 10001
            return .http(
                200, #"{"success":false,"errors":[{"code":\#(code),"message":"m"}],"messages":[],"result":\#(result)}"#)
        } _: { client, _ in
            let records = [KVRecord(key: "a", text: "v"), KVRecord(key: "b", text: "v")]
            let report = try await client.bulkWrite(records, in: someNamespace)
            #expect(report == BulkReport(successfulKeyCount: 1, unsuccessfulKeys: ["b"]))
            let error = await kvError { _ = try await client.bulkDelete(["a", "b"], in: someNamespace) }
            #expect(error?.code == .dailyQuotaUsed, "a used-up quota is not the keys' fault")
        }
    }

    @Test func `a server that ignores the page number is not asked for ever`() async throws {
        try await withScriptedClient { _, _ in
            .success(#"[{"id":"1","title":"a"}]"#)
        } _: { client, server in
            let namespaces = try await client.namespaces()
            #expect(namespaces.count == 1)
            #expect(server.requests.count == 2)
        }
    }
}
