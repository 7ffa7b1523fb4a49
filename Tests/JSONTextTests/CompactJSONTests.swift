import JSONText
import KVTestSupport
import Testing

@Suite struct CompactJSONTests {
    @Test(arguments: [
        (" 1 ", "1"), ("1.0", "1.0"), (" 1e400", "1e400"), ("[ 1 , 2 ]", "[1,2]"),
        ("{ \"a b\" : \" c \\\" d \" }", "{\"a b\":\" c \\\" d \"}"),
        ("\t[\r\n]\n", "[]"), ("{\"a\":1, \"a\":2}", "{\"a\":1,\"a\":2}"), ("\" \\\\\" ", "\" \\\\\""),
        ("[\"\\\\\" , \" \"]", "[\"\\\\\",\" \"]"),
        ("[\"\\/\\u0041\\ud800\", 9007199254740993]", "[\"\\/\\u0041\\ud800\",9007199254740993]"),
        ("\" \u{A0}\u{2028}\"", "\" \u{A0}\u{2028}\""),
    ])
    func `white space goes and nothing else`(text: String, expected: String) throws {
        #expect(try CompactJSON.text(of: Array(text.utf8)) == Array(expected.utf8))
        #expect(CompactJSON.isCompact(Array(expected.utf8)))
        #expect(CompactJSON.isCompact(Array(text.utf8)) == (text == expected))
    }

    @Test(arguments: ["", " ", "1 2", "[1,]", "{\"a\" 1}", "\"a", "nul l", "\u{FEFF}1", "\"a\nb\""])
    func `what is not one JSON value has no compact form`(text: String) {
        #expect(throws: JSONError.self) { try CompactJSON.text(of: Array(text.utf8)) }
        #expect(!CompactJSON.isCompact(Array(text.utf8)))
    }

    @Test(arguments: Seed.several(3)) func `text spread out with white space shrinks back to itself`(seed: Seed) throws
    {
        var edges = EdgeRecords(seed: seed.value)
        for _ in 0..<1000 {
            let text = Array(edges.json(depth: 4).utf8)
            let spread = Self.spread(text, &edges.generator)
            #expect(try CompactJSON.text(of: spread) == text, "\(shown(spread))")
            #expect(CompactJSON.isCompact(text))
            #expect(CompactJSON.isCompact(spread) == (spread.count == text.count))
        }
    }

    /// White space around every punctuation mark outside strings, found by a scanner of the test's own.
    private static func spread(_ text: [UInt8], _ generator: inout SeededGenerator) -> [UInt8] {
        var out: [UInt8] = []
        var isInString = false
        var index = 0
        while index < text.count {
            let byte = text[index]
            if isInString, byte == 0x5C {
                out += text[index...index + 1]
                index += 2
                continue
            }
            if byte == 0x22 { isInString.toggle() }
            let isMark = !isInString && Array("[]{},:".utf8).contains(byte)
            if isMark { out += spaces(&generator) }
            out.append(byte)
            if isMark { out += spaces(&generator) }
            index += 1
        }
        return out
    }

    private static func spaces(_ generator: inout SeededGenerator) -> [UInt8] {
        (0..<Int.random(in: 0...2, using: &generator)).map { _ in generator.pick([0x20, 0x09, 0x0A, 0x0D]) }
    }
}
