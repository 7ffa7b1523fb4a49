import KVServer
import Testing

/// What is said of a body that cannot be read: what is expected, and where.
@Suite struct RefusedBodyTests {
    @Test(arguments: [
        (#"[{"key":"a","value":"1","expiration":"1800000000"}]"#, "[0].expiration: string where number is expected"),
        (
            #"[{"key":"a","value":"1"},{"key":"b","value":"1","expiration_ttl":[60]}]"#,
            "[1].expiration_ttl: array where number is expected"
        ),
        (#"[{"key":"a","value":1}]"#, "[0].value: number where string is expected"),
        (#"[{"key":"a","value":null}]"#, "[0].value: null where string is expected"),
        (#"[{"key":1,"value":"1"}]"#, "[0].key: number where string is expected"),
        (#"[{"key":"a","value":"1","base64":"yes"}]"#, "[0].base64: string where bool is expected"),
        (#"[{"key":"a","value":"1","metadata":{"a b":[1,]}}]"#, #"[0].metadata["a b"][1]: a value is expected"#),
        (#"[{"key":"a","value":"1"},5]"#, "[1]: number where object is expected"),
        (#"{"key":"a"}"#, "object where array is expected"),
        (#"[{"key":"a","value":"1"}"#, "the text ends too early"),
        ("", "the text ends too early"),
    ])
    func `a bulk write's fault is placed`(body: String, message: String) async throws {
        try await withNamespace { namespace async throws in
            let reply = try await namespace.remote.call("PUT", "\(namespace.path)/bulk", body)
            #expect(reply.status == 400)
            let start = "bulk put keys: 'could not read the request body: \(message)"
            #expect(reply.message?.hasPrefix(start) == true, "\(reply.text)")
        }
    }

    @Test(arguments: [
        (#"{"keys":"a"}"#, "keys: string where array is expected"),
        (#"{"keys":["a",1]}"#, "keys[1]: number where string is expected"),
        (#"{"keys":["a"],"type":1}"#, "type: number where string is expected"),
        (#"{"keys":["a"],"withMetadata":"yes"}"#, "withMetadata: string where bool is expected"),
    ])
    func `a bulk get's fault is placed`(body: String, message: String) async throws {
        try await withNamespace { namespace async throws in
            let reply = try await namespace.remote.call("POST", "\(namespace.path)/bulk/get", body)
            #expect(reply.status == 400)
            #expect(reply.message?.contains("body: \(message)") == true, "\(reply.text)")
        }
    }

    @Test func `a title of another kind is placed`() async throws {
        try await withRemote { remote async throws in
            let reply = try await remote.call("POST", remote.namespaces, #"{"title":["a"]}"#)
            #expect(reply.message?.contains("title: array where string is expected") == true, "\(reply.text)")
            let other = try await remote.call("POST", remote.namespaces, #"{"title":"a","jurisdiction":1}"#)
            #expect(other.message?.contains("jurisdiction: number where string is expected") == true, "\(other.text)")
        }
    }

    @Test func `null is nothing, wherever a member may be left out`() async throws {
        try await withNamespace { namespace async throws in
            let remote = namespace.remote
            let pair =
                #"[{"key":"a","value":"1","metadata":null,"base64":null,"expiration":null,"expiration_ttl":null}]"#
            #expect(try await remote.call("PUT", "\(namespace.path)/bulk", pair).status == 200)
            let get = #"{"keys":["a"],"type":null,"withMetadata":null}"#
            let reply = try await remote.call("POST", "\(namespace.path)/bulk/get", get)
            #expect(reply.text == envelope(#"{"values":{"a":"1"}}"#))
            let none = try await remote.call("POST", "\(namespace.path)/bulk/get", #"{"keys":null}"#)
            #expect(none.message == "bulk get keys: 'You must request a minimum of 1 key'")
            let made = try await remote.call("POST", remote.namespaces, #"{"title":"n","jurisdiction":null}"#)
            #expect(made.status == 200)
        }
    }
}
