import KVModel
import KVServer
import Testing

@Suite struct BulkWriteTests {
    @Test func `pairs are written and counted`() async throws {
        try await withNamespace { namespace async throws in
            let reply = try await namespace.bulkPut(
                #"[{"key":"a","value":"1"},{"unknown":{"x":[]},"value":"/wA=","base64":true,"key":"b"}]"#)
            #expect(reply.status == 200)
            #expect(reply.text == envelope(#"{"successful_key_count":2,"unsuccessful_keys":[]}"#))
            #expect(try await namespace.get("a").text == "1")
            #expect(try await namespace.get("b").body == [0xFF, 0x00])
        }
    }

    @Test func `no pairs are no work and no error`() async throws {
        try await withNamespace { namespace async throws in
            let reply = try await namespace.bulkPut("[]")
            #expect(reply.status == 200)
            #expect(reply.text == envelope(#"{"successful_key_count":0,"unsuccessful_keys":[]}"#))
        }
    }

    @Test func `a string's value is the text it stands for`() async throws {
        try await withNamespace { namespace async throws in
            try await namespace.bulkPut(#"[{"key":"\u0000\/","value":"\ud83d\ude00\u0000\ufeff\\"}]"#)
            #expect(try await namespace.get("%00%2F").text == "😀\u{0}\u{FEFF}\\")
        }
    }

    @Test(arguments: ["aGk=", "aGk", " aG\\nk= ", "aGl="])
    func `base64 may have line ends and lack its padding`(text: String) async throws {
        try await withNamespace { namespace async throws in
            #expect(try await namespace.bulkPut(#"[{"key":"k","value":"\#(text)","base64":true}]"#).status == 200)
            #expect(try await namespace.get("k").text == "hi")
        }
    }

    @Test(arguments: [
        "{}", #"{"key":"k"}"#, #"{"value":"v"}"#, #"{"key":"k","value":1}"#, #"{"key":"k","value":null}"#,
        #"{"key":1,"value":"v"}"#, #"{"key":"k","value":"*","base64":true}"#, "[]", "1", #""k""#,
        #"{"key":"k","value":"a","base64":true}"#, #"{"key":"k","value":"a===","base64":true}"#,
        #"{"key":"k","value":"v","base64":1}"#, #"{"key":"\ud800","value":"v"}"#,
        #"{"key":"k","value":"v","expiration":"99999999999"}"#,
    ])
    func `one malformed pair refuses them all`(pair: String) async throws {
        try await withNamespace { namespace async throws in
            let reply = try await namespace.bulkPut(#"[{"key":"ok","value":"v"},\#(pair)]"#)
            #expect(reply.status == 400)
            #expect(reply.code == 10012)
            #expect(try await namespace.list().column("name").isEmpty)
        }
    }

    @Test(arguments: [
        "", "{}", "null", #"{"body":[]}"#, "[", "[]]", "[,]", #"[{"key":"k","value":"v"},]"#, "\u{FEFF}[]",
    ])
    func `a body of another shape is refused`(body: String) async throws {
        try await withNamespace { namespace async throws in
            for (method, tail) in [("PUT", "/bulk"), ("DELETE", "/bulk"), ("POST", "/bulk/delete")] {
                let reply = try await namespace.remote.call(method, namespace.path + tail, body)
                #expect(reply.status == 400)
                #expect(reply.code == 10012)
            }
        }
    }

    @Test func `a refusal names the key`() async throws {
        try await withNamespace { namespace async throws in
            let ttl = try await namespace.bulkPut(#"[{"key":"k\"1","value":"v","expiration_ttl":59}]"#)
            #expect(ttl.code == 10034)
            #expect(ttl.message?.contains(#"Key: "k\"1""#) == true)
            let long = String(repeating: "m", count: 1_023)
            let metadata = try await namespace.bulkPut(#"[{"key":"k2","value":"v","metadata":"\#(long)"}]"#)
            #expect(metadata.code == 10047)
            #expect(metadata.message?.contains(#"Key: "k2""#) == true)
        }
    }

    @Test func `metadata has 1,024 bytes without white space at most`() async throws {
        try await withNamespace { namespace async throws in
            let fits = "[ \"" + String(repeating: "m", count: 1_020) + "\" ]"
            #expect(try await namespace.bulkPut(#"[{"key":"k","value":"v","metadata":\#(fits)}]"#).status == 200)
        }
    }

    @Test func `10,000 pairs are written, 10,001 are not`() async throws {
        try await withNamespace { namespace async throws in
            let pairs = (1...10_001).map { "{\"key\":\"\($0)\",\"value\":\"\"}" }
            let fits = try await namespace.bulkPut("[\(pairs.dropLast().joined(separator: ","))]")
            #expect(fits.text.contains(#""successful_key_count":10000"#))
            let reply = try await namespace.bulkPut("[\(pairs.joined(separator: ","))]")
            #expect(reply.status == 400)
            #expect(reply.code == 10029)

            let keys = (1...10_001).map { "\"\($0)\"" }
            let path = "\(namespace.path)/bulk/delete"
            #expect(try await namespace.remote.call("POST", path, "[\(keys.joined(separator: ","))]").code == 10029)
            let deleted = try await namespace.remote.call("POST", path, "[\(keys.dropLast().joined(separator: ","))]")
            #expect(deleted.text.contains(#""successful_key_count":10000"#))
            #expect(try await namespace.list().column("name").isEmpty)
        }
    }

    @Test func `of several pairs with one key the last stays`() async throws {
        try await withNamespace { namespace async throws in
            let reply = try await namespace.bulkPut(
                #"[{"key":"k","value":"1","metadata":1},{"key":"a","value":""},{"key":"k","value":"2"}]"#)
            #expect(reply.text.contains(#""successful_key_count":3"#))
            #expect(try await namespace.get("k").text == "2")
            #expect(try await namespace.metadata("k").text == envelope("null"))
        }
    }

    @Test func `a request has 100,000,000 bytes at most`() async throws {
        try await withNamespace { namespace async throws in
            var body = [UInt8](repeating: 0x20, count: KVLimits.bulkRequestBytes)
            body.replaceSubrange(0..<2, with: Array("[]".utf8))
            #expect(try await namespace.remote.call("PUT", "\(namespace.path)/bulk", body: body).status == 200)
            body.append(0x20)
            let reply = try await namespace.remote.call("PUT", "\(namespace.path)/bulk", body: body)
            #expect(reply.status == 413)
            #expect(reply.code == 10024)
        }
    }

    @Test func `a value in base64 may have 25 MiB`() async throws {
        try await withNamespace { namespace async throws in
            let value = [UInt8](repeating: 0xFF, count: KVLimits.valueBytes)
            for (bytes, status) in [(value, 200), (value + [0xFF], 413)] {
                let text = String(decoding: Base64Text.encode(bytes), as: UTF8.self)
                let reply = try await namespace.bulkPut(#"[{"key":"k","value":"\#(text)","base64":true}]"#)
                #expect(reply.status == status)
            }
            #expect(try await namespace.get("k").body == value)
        }
    }

    @Test(arguments: [("POST", "/bulk/delete"), ("DELETE", "/bulk")])
    func `keys are deleted by name or by row, there or not`(method: String, tail: String) async throws {
        try await withNamespace { namespace async throws in
            for key in ["a", "b", "c"] { try await namespace.put(key, "v") }
            let reply = try await namespace.remote.call(
                method, namespace.path + tail, #"["a",{"name":"b","expiration":1},"missing","a"]"#)
            #expect(reply.text == envelope(#"{"successful_key_count":4,"unsuccessful_keys":[]}"#))
            #expect(try await namespace.list().column("name") == ["c"])
            let empty = try await namespace.remote.call(method, namespace.path + tail, "[]")
            #expect(empty.text == envelope(#"{"successful_key_count":0,"unsuccessful_keys":[]}"#))
            for junk in ["[1]", "[{}]", #"[{"key":"c"}]"#, "[null]"] {
                #expect(try await namespace.remote.call(method, namespace.path + tail, junk).code == 10012)
            }
        }
    }
}
