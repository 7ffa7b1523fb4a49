import KVModel
import KVServer
import Testing

@Suite struct NamespaceTests {
    @Test func `a new namespace has 32 hexadecimal digits and is answered with 200`() async throws {
        try await withRemote { remote async throws in
            let reply = try await remote.call("POST", remote.namespaces, #"{"title":"a \"b\"","unknown":[1]}"#)
            let id = try #require(reply.result("id"))
            #expect(reply.status == 200)
            #expect(NamespaceID.isWellFormed(id))
            #expect(reply.text == envelope(#"{"id":"\#(id)","title":"a \"b\"","supports_url_encoding":true}"#))
            #expect(try await remote.call("GET", "\(remote.namespaces)/\(id)").text == reply.text)
        }
    }

    @Test func `a jurisdiction is kept and shown`() async throws {
        try await withRemote { remote async throws in
            let body = #"{"title":"a","jurisdiction":"eu"}"#
            let reply = try await remote.call("POST", remote.namespaces, body)
            #expect(reply.result("jurisdiction") == "eu")
            #expect(try await remote.call("GET", remote.namespaces).text.contains(#""jurisdiction":"eu""#))
        }
    }

    @Test(arguments: [
        (#"{"title":""}"#, 10019), ("{}", 10019), (#"{"title":null}"#, 10019), (#"{"title":1}"#, 10010),
        ("[]", 10010), ("", 10010), (#"{"title":"a","jurisdiction":"moon"}"#, 10010),
        (#"{"title":"\#(String(repeating: "é", count: 513))"}"#, 10010),
    ])
    func `a body that names no good title is refused`(body: String, code: Int) async throws {
        try await withRemote { remote async throws in
            let reply = try await remote.call("POST", remote.namespaces, body)
            #expect(reply.status == 400)
            #expect(reply.code == code)
        }
    }

    @Test func `a title has up to 512 characters`() async throws {
        try await withRemote { remote async throws in
            let title = String(repeating: "é", count: 512)
            #expect(try await remote.call("POST", remote.namespaces, #"{"title":"\#(title)"}"#).status == 200)
        }
    }

    @Test func `a title is taken once in an account, on create and on rename`() async throws {
        try await withRemote { remote async throws in
            let one = try await remote.makeNamespace("one")
            try await remote.makeNamespace("two")
            let again = try await remote.call("POST", remote.namespaces, #"{"title":"one"}"#)
            #expect(again.status == 400)
            #expect(again.code == 10014)
            #expect(try await remote.call("PUT", one.path, #"{"title":"two"}"#).code == 10014)
            #expect(try await remote.call("PUT", one.path, #"{"title":"one"}"#).status == 200)
            #expect(try await remote.call("PUT", one.path, #"{"title":""}"#).code == 10019)
            #expect(try await remote.call("PUT", one.path, #"{"title":"three"}"#).result("title") == "three")
        }
    }

    @Test func `a list has pages with totals, and a page past the end is empty`() async throws {
        try await withRemote { remote async throws in
            for title in ["c", "a", "b"] { try await remote.makeNamespace(title) }
            let path = remote.namespaces
            let page = try await remote.call("GET", "\(path)?page=2&per_page=2&order=title&direction=desc")
            #expect(page.column("title") == ["a"])
            #expect(page.info("page") == "2")
            #expect(page.info("per_page") == "2")
            #expect(page.info("count") == "1")
            #expect(page.info("total_count") == "3")
            let past = try await remote.call("GET", "\(path)?page=3&per_page=2")
            #expect(past.status == 200)
            #expect(past.column("title").isEmpty)
            #expect(past.text.contains(#""result":[]"#))
            let standard = try await remote.call("GET", path)
            #expect(standard.info("per_page") == "20")
            #expect(standard.column("id") == standard.column("id").sorted())
        }
    }

    @Test(arguments: [
        ("page=0", 10007), ("page=x", 10007), ("per_page=0", 10008), ("per_page=1001", 10008), ("order=x", 10043),
        ("direction=up", 10044), ("page=%zz", 10029),
    ])
    func `a bad list parameter is refused with its code`(query: String, code: Int) async throws {
        try await withRemote { remote async throws in
            let reply = try await remote.call("GET", "\(remote.namespaces)?\(query)")
            #expect(reply.status == 400)
            #expect(reply.code == code)
        }
    }

    @Test func `an account has 1,000 namespaces at most`() async throws {
        try await withRemote { remote async throws in
            for number in 1...1_000 { try await remote.makeNamespace("n\(number)") }
            let reply = try await remote.call("POST", remote.namespaces, #"{"title":"one more"}"#)
            #expect(reply.code == 10018)
            #expect(try await remote.call("GET", "\(remote.namespaces)?per_page=1000").info("count") == "1000")
        }
    }

    @Test func `a deleted namespace is gone with its keys, and its title is free`() async throws {
        try await withNamespace { options in
            options.sweepInterval = nil
        } _: { namespace async throws in
            try await namespace.put("k", "v")
            let reply = try await namespace.remote.call("DELETE", namespace.path)
            #expect(reply.status == 200)
            #expect(reply.text == envelope("null"))
            #expect(try await namespace.get("k").code == 10013)
            #expect(try await namespace.remote.call("DELETE", namespace.path).status == 404)
            #expect(try await namespace.remote.running.sweep() > 0)
            let again = try await namespace.remote.makeNamespace()
            #expect(try await again.list().column("name").isEmpty)
        }
    }

    @Test(arguments: ["x", "ABCDEF0123456789ABCDEF0123456789", "0123456789abcdef0123456789abcdef0", "%30"])
    func `an id that is not 32 lowercase hexadecimal digits is refused`(id: String) async throws {
        try await withRemote { remote async throws in
            for tail in ["", "/keys", "/values/k", "/metadata/k"] {
                let reply = try await remote.call("GET", "\(remote.namespaces)/\(id)\(tail)")
                #expect(reply.status == 400)
                #expect(reply.code == 10011)
            }
        }
    }

    @Test(arguments: [
        ("GET", "/keys", "list keys"), ("GET", "/values/k", "get"), ("PUT", "/values/k", "put"),
        ("DELETE", "/values/k", "remove key"), ("GET", "/metadata/k", "metadata"),
        ("POST", "/bulk/get", "bulk get keys"), ("POST", "/bulk/delete", "bulk remove keys"),
        ("DELETE", "/bulk", "bulk remove keys"), ("PUT", "/bulk", "bulk put keys"), ("GET", "", "get namespace"),
        ("PUT", "", "rename namespace"), ("DELETE", "", "remove namespace"),
    ])
    func `a namespace that is not there is named so by every operation`(
        method: String, tail: String, operation: String
    ) async throws {
        try await withRemote { remote async throws in
            let target = "\(remote.namespaces)/0123456789abcdef0123456789abcdef\(tail)"
            let reply = try await remote.call(method, target, method == "GET" ? "" : "[]")
            #expect(reply.status == 404)
            #expect(reply.code == 10013)
            #expect(reply.message == "\(operation): 'namespace not found'")
        }
    }
}
