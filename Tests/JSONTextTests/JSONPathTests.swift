import JSONText
import Testing

@Suite struct JSONPathTests {
    @Test(arguments: [
        (#"[{"a":1},{"a":[true,"x"]}]"#, "x", "[1].a[1]"), (#"{"keys":["a",7]}"#, "7", "keys[1]"),
        (#"{"a b":{"":{"_c1":9}}}"#, "9", #"["a b"][""]._c1"#), (#"{"é":9}"#, "9", #"["é"]"#), ("9", "9", ""),
        (#"[1,[2,[3,[4]]], 9 ]"#, "9", "[2]"), (#"[[[],{}],[[9]]]"#, "9", "[1][0][0]"),
    ])
    func `a byte has a path`(text: String, byte: String, path: String) throws {
        let bytes = Array(text.utf8)
        let offset = try #require(bytes.firstIndex { Array(byte.utf8) == [$0] })
        #expect(JSONPath.text(of: offset, in: bytes) == path)
    }

    @Test(arguments: [
        (#"[{"a":tru}]"#, "[0].a"), (#"[1,2,{"b":[1,]}]"#, "[2].b[1]"), (#"{"a":1,"b":}"#, "b"), ("[1", ""), ("", ""),
        (#"[{"a":1},{"b" 1}]"#, "[1]"),
    ])
    func `where a text is broken has a path`(text: String, path: String) throws {
        let bytes = Array(text.utf8)
        var reader = try JSONReader(bytes)
        let fault = #expect(throws: JSONError.self) { try reader.skipValue() }
        #expect(JSONPath.text(of: try #require(fault).offset, in: bytes) == path)
    }

    @Test func `what lies deep is passed over once`() {
        // To look at each level anew would take a thousand times as long.
        let depth = JSONReader.defaultMaximumDepth - 1
        let inner = [UInt8](repeating: 0x20, count: 20_000_000)
        let bytes = [UInt8](repeating: 0x5B, count: depth) + inner + Array("x".utf8)
        #expect(JSONPath.text(of: bytes.count - 1, in: bytes) == String(repeating: "[0]", count: depth))
    }

    @Test func `offsets outside of the text have no path`() {
        #expect(JSONPath.text(of: 100, in: Array("[1]".utf8)) == "")
        #expect(JSONPath.text(of: -1, in: Array("[1]".utf8)) == "")
        #expect(JSONPath.text(of: 1, in: [0xFF, 0xFF]) == "")
    }
}
