import KVModel
import KVServer
import Testing

@Suite struct BulkGetTests {
    @Test func `values come in the order of the request, and null where there is none`() async throws {
        try await withNamespace { namespace async throws in
            try await namespace.put("b", "2")
            try await namespace.put("__proto__", "p")
            try await namespace.put("10", "")
            let reply = try await namespace.bulkGet(#"{"keys":["b","x","__proto__","10","constructor","b"]}"#)
            #expect(reply.status == 200)
            let values = #"{"values":{"b":"2","x":null,"__proto__":"p","10":"","constructor":null}}"#
            #expect(reply.text == envelope(values))
        }
    }

    @Test func `withMetadata gives value, metadata and expiration in one answer`() async throws {
        let clock = HandClock(at: 1_000)
        try await withNamespace({ $0.now = { clock.now } }) { namespace async throws in
            try await namespace.bulkPut(
                #"[{"key":"a","value":"1","expiration":1060,"metadata":[1e400]},{"key":"b","value":"2"}]"#)
            let reply = try await namespace.bulkGet(#"{"withMetadata":true,"type":"text","keys":["a","b","c"]}"#)
            let values = """
                {"values":{"a":{"value":"1","metadata":[1e400],"expiration":1060},\
                "b":{"value":"2","metadata":null},"c":null}}
                """
            #expect(reply.text == envelope(values))
            #expect(try await namespace.bulkGet(#"{"keys":["a"]}"#).text == envelope(#"{"values":{"a":"1"}}"#))
        }
    }

    @Test func `text is text: byte order marks, replacement and control characters stay`() async throws {
        try await withNamespace { namespace async throws in
            try await namespace.put("k", "\u{FEFF}\u{FFFD}\u{0}\u{2028}\u{7F}\"\\/😀")
            let reply = try await namespace.bulkGet(#"{"keys":["k"]}"#)
            let value = "\"\u{FEFF}\u{FFFD}\\u0000\u{2028}\u{7F}\\\"\\\\/😀\""
            #expect(reply.text == envelope("{\"values\":{\"k\":\(value)}}"))
        }
    }

    @Test func `one value that is not text refuses them all`() async throws {
        try await withNamespace { namespace async throws in
            try await namespace.put("a", "1")
            try await namespace.put("b", [0xC3])
            let reply = try await namespace.bulkGet(#"{"keys":["a","b"]}"#)
            #expect(reply.status == 400)
            #expect(reply.code == 10029)
            let reason = "At least one of the requested keys corresponds to a non-text value"
            #expect(reply.message == "bulk get keys: '\(reason)'")
        }
    }

    @Test func `type json gives the value's JSON as it is`() async throws {
        try await withNamespace { namespace async throws in
            try await namespace.put("a", #"{"b": 1.0, "a":9007199254740993}"#)
            try await namespace.put("n", "null")
            let reply = try await namespace.bulkGet(#"{"keys":["a","n"],"type":"json"}"#)
            #expect(reply.text == envelope(#"{"values":{"a":{"b":1.0,"a":9007199254740993},"n":null}}"#))
            try await namespace.put("t", "text")
            let refused = try await namespace.bulkGet(#"{"keys":["t"],"type":"json"}"#)
            #expect(refused.code == 10029)
            #expect(refused.message?.contains("non-json") == true)
        }
    }

    @Test func `1 to 100 keys may be asked for`() async throws {
        try await withNamespace { namespace async throws in
            let keys = (1...101).map { "\"\($0)\"" }
            #expect(try await namespace.bulkGet("{\"keys\":[\(keys.dropLast().joined(separator: ","))]}").status == 200)
            let many = try await namespace.bulkGet("{\"keys\":[\(keys.joined(separator: ","))]}")
            #expect(many.status == 400)
            #expect(many.code == 10029)
            #expect(many.message == "bulk get keys: 'You can request a maximum of 100 keys'")
            let none = try await namespace.bulkGet(#"{"keys":[]}"#)
            #expect(none.code == 10029)
            #expect(none.message == "bulk get keys: 'You must request a minimum of 1 key'")
        }
    }

    @Test func `an answer holds 25 MiB of values at most`() async throws {
        try await withNamespace { namespace async throws in
            try await namespace.put("a", [UInt8](repeating: 0x61, count: KVLimits.bulkGetBytes - 1))
            try await namespace.put("b", "b")
            #expect(try await namespace.bulkGet(#"{"keys":["a","b"]}"#).status == 200)
            try await namespace.put("b", "bb")
            let reply = try await namespace.bulkGet(#"{"keys":["a","b"]}"#)
            #expect(reply.status == 413)
            #expect(reply.message?.contains("Total size of request exceeds the limit of 25MB") == true)
        }
    }

    @Test(arguments: [
        ("[]", 10012), (#"{"keys":"a"}"#, 10012), (#"{"keys":[1]}"#, 10012), ("{}", 10029), ("", 10012),
        (#"{"keys":["a"],"withMetadata":"yes"}"#, 10012), (#"{"keys":["a"],"type":"binary"}"#, 10029),
        (#"{"keys":["\udc00"]}"#, 10012),
    ])
    func `a body of another shape is refused`(body: String, code: Int) async throws {
        try await withNamespace { namespace async throws in
            let reply = try await namespace.bulkGet(body)
            #expect(reply.status == 400)
            #expect(reply.code == code)
        }
    }

    @Test func `512-byte keys a hundred times fit, escaped in the longest way`() async throws {
        try await withNamespace { namespace async throws in
            let keys = (0..<100).map { index in
                "\"" + String(repeating: "\\u0001", count: 510) + "\(10 + index % 90)\""
            }
            #expect(try await namespace.bulkGet("{\"keys\":[\(keys.joined(separator: ","))]}").status == 200)
        }
    }
}
