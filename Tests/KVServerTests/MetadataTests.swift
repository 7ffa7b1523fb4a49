import KVServer
import Testing

@Suite struct MetadataTests {
    /// JSON that a parser with number types, sets of members or Unicode tables would change.
    static let texts = [
        "1.0", "1e400", "-0", "-0.0", "9007199254740993", "0.1000000000000000055511151231257827", "1E+2", "true",
        "false",
        "\"\"", "\"\\u00e9\\/\"", "\"é\"", "[]", "{}", "[null]", "{\"b\":1,\"a\":2,\"b\":3}",
        "{\"__proto__\":{},\"1\":0}",
        "\"\\ud800\"", "\" a \"", "{\"a\":[1,{\"b\":\"\\\"\"}]}", "\"\u{2028}\u{FEFF}\"",
    ]

    @Test(arguments: texts)
    func `metadata comes back as the text it was, by every way`(text: String) async throws {
        try await withNamespace { namespace async throws in
            #expect(try await namespace.put("form", "v", metadata: text).status == 200)
            #expect(try await namespace.bulkPut(#"[{"key":"bulk","value":"v","metadata":\#(text)}]"#).status == 200)
            for key in ["form", "bulk"] {
                #expect(try await namespace.metadata(key).text == envelope(text))
                let get = try await namespace.bulkGet(#"{"keys":["\#(key)"],"withMetadata":true}"#)
                #expect(get.text == envelope(#"{"values":{"\#(key)":{"value":"v","metadata":\#(text)}}}"#))
                let list = try await namespace.list("?prefix=\(key)")
                let row = #"[{"name":"\#(key)","metadata":\#(text)}]"#
                #expect(list.text == envelope(row, info: #"{"count":1,"cursor":""}"#))
            }
        }
    }

    @Test func `white space between tokens goes, white space in strings stays`() async throws {
        try await withNamespace { namespace async throws in
            try await namespace.bulkPut(#"[{"key":"k","value":"v","metadata": { "a b" : [ 1 , " " ] } }]"#)
            #expect(try await namespace.metadata("k").text == envelope(#"{"a b":[1," "]}"#))
        }
    }

    @Test func `null is no metadata`() async throws {
        try await withNamespace { namespace async throws in
            try await namespace.bulkPut(#"[{"key":"k","value":"v","metadata":null}]"#)
            #expect(try await namespace.metadata("k").text == envelope("null"))
            #expect(try await namespace.list().text.contains(#"[{"name":"k"}]"#))
        }
    }
}
