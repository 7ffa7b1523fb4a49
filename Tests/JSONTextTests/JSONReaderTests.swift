import JSONText
import KVTestSupport
import Testing

@Suite struct JSONReaderTests {
    /// Runs calls on a text and returns the error they end with.
    private func error(_ text: String, _ calls: (inout JSONReader) throws(JSONError) -> Void) -> JSONError? {
        do throws(JSONError) {
            var reader = try JSONReader(Array(text.utf8))
            try calls(&reader)
            return nil
        } catch {
            return error
        }
    }

    private func integer(_ text: String) throws -> Int64? {
        var reader = try JSONReader(Array(text.utf8))
        let integer = try reader.readInteger()
        try reader.finish()
        return integer
    }

    @Test func `a document is walked in the order in which it stands`() throws {
        let text =
            " { \"key\" : \"a\\u0062\" , \"metadata\" : { \"v\" : [ 1.0 , {} ] } , \"n\" : 6e1, \"yes\":true,\"no\":false, \"x\" : null } "
        var reader = try JSONReader(Array(text.utf8))
        try reader.beginObject()
        #expect(try reader.nextMember() == "key")
        #expect(try reader.readString() == Array("ab".utf8))
        #expect(try reader.nextMember() == "metadata")
        let range = try reader.readRaw()
        #expect(String(decoding: reader.bytes[range], as: UTF8.self) == "{ \"v\" : [ 1.0 , {} ] }")
        #expect(try reader.nextMember() == "n")
        #expect(try reader.readInteger() == 60)
        #expect(try reader.nextMember() == "yes")
        #expect(try reader.readBool())
        #expect(try reader.nextMember() == "no")
        #expect(try !reader.readBool())
        #expect(try reader.nextMember() == "x")
        try reader.readNull()
        #expect(try reader.nextMember() == nil)
        try reader.finish()
        #expect(reader.position == text.utf8.count)
        #expect(reader.whitespaceBytes == text.utf8.count { $0 == 0x20 })
    }

    @Test func `lists and their ends are told apart at any depth`() throws {
        var reader = try JSONReader(Array("[[],[1],[[2,3],{}],{\"a\":[]}]".utf8))
        var counts: [Int] = []
        try reader.beginArray()
        while try reader.nextElement() {
            guard try reader.peekKind() == .array else {
                try reader.skipValue()
                continue
            }
            try reader.beginArray()
            var count = 0
            while try reader.nextElement() {
                try reader.skipValue()
                count += 1
            }
            counts.append(count)
        }
        try reader.finish()
        #expect(counts == [0, 1, 2])
    }

    @Test(arguments: [
        ("{}", JSONReader.Kind.object), ("[]", .array), ("\"\"", .string), ("-1", .number), ("0", .number),
        ("9", .number), ("true", .bool),
        ("false", .bool), ("null", .null),
    ])
    func `the kind of a value is known before it is read`(text: String, kind: JSONReader.Kind) throws {
        var reader = try JSONReader(Array("\n \(text)".utf8))
        #expect(try reader.peekKind() == kind)
        #expect(reader.position == 2)
    }

    @Test func `an error says what is wrong and where`() {
        #expect(error("") { r throws(JSONError) in try r.skipValue() }?.code == .unexpectedEnd)
        #expect(
            error("[1,\n x]") { r throws(JSONError) in try r.skipValue() }
                == JSONError(.unexpectedByte, at: 5, "a value is expected"))
        #expect(error("[1") { r throws(JSONError) in try r.skipValue() }?.code == .unexpectedEnd)
        #expect(
            error("1 x") { r throws(JSONError) in
                try r.skipValue(); try r.finish()
            }?.code == .trailingBytes)
        #expect(
            error("1 x") { r throws(JSONError) in
                try r.skipValue(); try r.finish()
            }?.offset == 2)
        #expect(error("\u{FEFF}1") { r throws(JSONError) in try r.skipValue() }?.code == .unexpectedByte)
        #expect(error("{1:2}") { r throws(JSONError) in try r.skipValue() }?.code == .unexpectedByte)
        #expect(error("1") { r throws(JSONError) in _ = try r.readString() }?.code == .wrongKind)
        #expect(error("\"a\"") { r throws(JSONError) in _ = try r.readInteger() }?.code == .wrongKind)
        #expect(error("[]") { r throws(JSONError) in try r.beginObject() }?.code == .wrongKind)
        #expect(error("\"ab\\ud800\"") { r throws(JSONError) in _ = try r.readString() }?.code == .loneSurrogate)
        #expect(error("\"ab\\ud800\"") { r throws(JSONError) in _ = try r.readString() }?.offset == 3)
        #expect(
            error("\"ab\\ud800\"") { r throws(JSONError) in
                try r.skipValue(); try r.finish()
            } == nil)
        #expect(throws: JSONError(.invalidUTF8, at: 3, "the text is not UTF-8")) {
            try JSONReader([0x22, 0xC3, 0xA9, 0xFF, 0x22])
        }
    }

    @Test func `nesting is followed as deep as allowed and no deeper`() throws {
        let deep = JSONDocuments.nested("[", "]", JSONReader.defaultMaximumDepth)
        #expect(
            error(deep) { r throws(JSONError) in
                try r.skipValue(); try r.finish()
            } == nil)
        #expect(error("[\(deep)]") { r throws(JSONError) in try r.skipValue() }?.code == .tooDeep)
        var reader = try JSONReader(Array("[[1],[2],[[3]]]".utf8), maximumDepth: 2)
        try reader.beginArray()
        #expect(try reader.nextElement())
        try reader.skipValue()
        #expect(try reader.nextElement())
        try reader.skipValue()
        #expect(try reader.nextElement())
        #expect(throws: JSONError.self) { try reader.skipValue() }
    }

    @Test func `a million open brackets are refused without harm`() {
        #expect(!readerAccepts([UInt8](repeating: 0x5B, count: 1_000_000)))
        #expect(walkAccepts([UInt8](repeating: 0x5B, count: 1_000_000)) == false)
    }

    @Test(
        arguments: [
            ("0", 0), ("-0", 0), ("0.0", 0), ("0e9", 0), ("-0.000e-99", 0), ("0e999999999999999999999999", 0),
            ("60", 60), ("6e1", 60), ("60.0", 60), ("600e-1", 60),
            ("6E+01", 60), ("0.06e3", 60), ("-60.00", -60), ("9007199254740993", 9_007_199_254_740_993),
            ("9007199254740993.0", 9_007_199_254_740_993),
            ("9223372036854775807", .max), ("-9223372036854775808", .min), ("922337203685477580.7e1", .max),
            ("1e18", 1_000_000_000_000_000_000),
            ("100000000000000000000000e-22", 10), ("0.0000000000000000000000010e25", 10),
        ] as [(String, Int64)])
    func `a whole number is read whatever its notation`(text: String, expected: Int64) throws {
        #expect(try integer(text) == expected)
    }

    @Test(arguments: [
        "60.9", "0.1", "1e-1", "1e-400", "60.0000000000000000000000000001", "9007199254740992.5", "9223372036854775808",
        "-9223372036854775809",
        "1e19", "1e400", "1e999999999999999999999999", "1e-999999999999999999999999", "12345678901234567890123",
        "5e-324", "1e9223372036854775807",
        "1.5e-9223372036854775808",
    ])
    func `what is not a whole number of 64 bits is none`(text: String) throws { #expect(try integer(text) == nil) }

    @Test(arguments: Seed.several(3)) func `a value kept as it is stands where the reader says`(seed: Seed) throws {
        var edges = EdgeRecords(seed: seed.value)
        for _ in 0..<500 {
            let values = (0..<4).map { _ in edges.json(depth: 3) }
            var reader = try JSONReader(Array(("[" + values.joined(separator: " ,\n") + "]").utf8))
            var found: [String] = []
            try reader.beginArray()
            while try reader.nextElement() {
                found.append(String(decoding: reader.bytes[try reader.readRaw()], as: UTF8.self))
            }
            try reader.finish()
            #expect(found.map { Array($0.utf8) } == values.map { Array($0.utf8) })
            #expect(reader.position == reader.bytes.count)
        }
    }

    @Test func `names are compared by bytes`() throws {
        #expect(JSONName("\u{212A}ey") != "Key")
        #expect(JSONName("\u{E9}") != JSONName("e\u{301}"))
        #expect(Set([JSONName("\u{E9}"), JSONName("e\u{301}"), JSONName("\u{E9}")]).count == 2)
        var reader = try JSONReader(Array("{\"\\u006bey\":1,\"\u{212A}ey\":2}".utf8))
        try reader.beginObject()
        #expect(try reader.nextMember() == "key")
        try reader.skipValue()
        #expect(try reader.nextMember() == JSONName("\u{212A}ey"))
    }
}
