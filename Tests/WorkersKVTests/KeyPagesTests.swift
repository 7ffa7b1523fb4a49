import KVTestSupport
import Testing
import WorkersKV

@Suite struct KeyPagesTests {
    @Test func `an empty answer without result_info is asked for again, and is none after a cursor`() async throws {
        try await withScriptedClient { _, index in
            index == 0 ? .success("[]") : .success("[{\"name\":\"a\"}]", info: "{\"cursor\":\"\"}")
        } _: { client, server in
            let page = try await client.keyPage(in: someNamespace)
            #expect(page.keys.map(\.key) == ["a"])
            #expect(server.requests.count == 2)
        }
        try await withScriptedClient { _, _ in
            .success("[]")
        } _: { client, server in
            let page = try await client.keyPage(in: someNamespace)
            #expect(page.keys.isEmpty)
            #expect(server.requests.count == 2)
            let error = await kvError { _ = try await client.keyPage(in: someNamespace, cursor: "c") }
            #expect(error?.code == .malformedAnswer)
        }
    }

    private static func page(_ names: [String], cursor: String?) -> ScriptedServer.Answer {
        let rows = names.map { "{\"name\":\"\($0)\"}" }.joined(separator: ",")
        return .success("[\(rows)]", info: cursor.map { "{\"count\":\(names.count),\"cursor\":\"\($0)\"}" } ?? "{}")
    }

    @Test func `an empty page with a cursor does not end the walk`() async throws {
        try await withScriptedClient { _, index in
            [
                Self.page(["a"], cursor: "c1"), Self.page([], cursor: "c2"), Self.page([], cursor: "c3"),
                Self.page(["b"], cursor: nil),
            ][index]
        } _: { client, server in
            var names: [String] = []
            for try await listed in client.keys(in: someNamespace) { names.append(listed.key.string) }

            #expect(names == ["a", "b"])
            #expect(server.requests.count == 4)
        }
    }

    @Test(arguments: ["{\"cursor\":\"\"}", "{\"cursor\":null}", "{\"count\":0}", "null", nil])
    func `an empty, null or absent cursor ends the walk`(info: String?) async throws {
        try await withScriptedClient { _, _ in
            .success("[{\"name\":\"a\"}]", info: info)
        } _: { client, server in
            var count = 0
            for try await page in client.keyPages(in: someNamespace) { count += page.keys.count }

            #expect(count == 1)
            #expect(server.requests.count == 1)
        }
    }

    @Test func `the prefix is sent with every cursor and encoded exactly`() async throws {
        try await withScriptedClient { _, index in
            Self.page(["a/+ b%"], cursor: index == 0 ? "c/1+=" : nil)
        } _: { client, server in
            for try await _ in client.keyPages(in: someNamespace, prefix: "a/+ b%", limit: 10) {}

            let targets = server.requests.map(\.target)
            #expect(targets.count == 2)
            #expect(targets.allSatisfy { $0.contains("prefix=a%2F%2B%20b%25") && $0.contains("limit=10") })
            #expect(!targets[0].contains("cursor="))
            #expect(targets[1].contains("cursor=c%2F1%2B%3D"))
        }
    }

    @Test func `a page that gives its own cursor again is an error, not an endless walk`() async throws {
        try await withScriptedClient { _, _ in
            Self.page([], cursor: "same")
        } _: { client, _ in
            let error = await kvError { for try await _ in client.keyPages(in: someNamespace) {} }
            #expect(error?.code == .malformedAnswer)
        }
    }

    @Test func `a refusal ends the walk with its code`() async throws {
        try await withScriptedClient { _, _ in
            .failure(404, code: 10013, "list keys: 'namespace not found'")
        } _: { client, server in
            let error = await kvError { for try await _ in client.keyPages(in: someNamespace) {} }
            #expect(error?.code == .namespaceNotFound)
            #expect(server.requests.count == 1)
        }
    }

    @Test func `metadata of every type and expirations come as they were sent`() async throws {
        let rows = #"""
            [{"name":"a","expiration":1893456000,"metadata":{"v": 1.0, "n":9007199254740993}},
            {"metadata":"text","name":"b"},{"name":"c","metadata":null},{"name":"d","extra":[1]},
            {"name":"e","metadata":false}]
            """#.filter { !$0.isNewline }
        try await withScriptedClient { _, _ in
            .success(rows)
        } _: { client, _ in
            let page = try await client.keyPage(in: someNamespace)
            #expect(page.keys.map(\.key) == ["a", "b", "c", "d", "e"])
            #expect(
                page.keys.map { $0.metadata?.text } == [
                    #"{"v":1.0,"n":9007199254740993}"#, #""text""#, nil, nil, "false",
                ])
            #expect(page.keys[0].expiration == UnixTime(seconds: 1_893_456_000))
        }
    }
}
