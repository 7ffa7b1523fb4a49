import JSONText
import KVTestSupport
import Testing

@Suite struct JSONStringTests {
    private func canonical(_ utf8: [UInt8]) -> [UInt8] {
        var out: [UInt8] = []
        JSONString.append(utf8, to: &out)
        return out
    }

    private func decoded(_ token: [UInt8]) throws -> [UInt8] {
        var reader = try JSONReader(token)
        let bytes = try reader.readString()
        try reader.finish()
        return bytes
    }

    private func isCanonical(_ token: [UInt8]) throws -> Bool {
        var reader = try JSONReader(token)
        return try reader.readCanonicalStringToken() != nil
    }

    /// What Python reads from each of some string tokens.
    private func pythonDecoded(_ tokens: [[UInt8]]) async throws -> [[UInt8]] {
        let script = """
            import json, sys
            for line in sys.stdin:
                print(json.loads(bytes.fromhex(line).decode('utf-8')).encode('utf-8').hex())
            """
        let output = try await CommandRunner.python(script, input: PythonJSON.hexLines(tokens))
        return output.split(separator: 0x0A, omittingEmptySubsequences: false).dropLast().map { line in
            let digits = Array(line)
            return stride(from: 0, to: digits.count, by: 2).compactMap {
                UInt8(String(decoding: digits[$0..<$0 + 2], as: UTF8.self), radix: 16)
            }
        }
    }

    @Test func `each of the first 0x3000 characters has the notation the format prescribes`() {
        let short: [UInt32: String] = [8: "b", 9: "t", 10: "n", 12: "f", 13: "r", 0x22: "\"", 0x5C: "\\"]
        for value in UInt32(0)..<0x3000 {
            guard let scalar = Unicode.Scalar(value) else { continue }
            let character = String(Character(scalar))
            let expected =
                if let letter = short[value] {
                    "\\" + letter
                } else if value < 0x20 {
                    "\\u00" + (value < 0x10 ? "0" : "") + String(value, radix: 16)
                } else { character }
            #expect(canonical(Array(character.utf8)) == Array("\"\(expected)\"".utf8), "U+\(String(value, radix: 16))")
            #expect(Array(JSONString.quoted(character).utf8) == Array("\"\(expected)\"".utf8))
        }
    }

    @Test(arguments: [" ", "a", "\u{7F}", "é", "\u{10FFFF}"])
    func `a character that is escaped is found wherever it stands in a long text`(usual: String) throws {
        for byte in Array(UInt8(0)..<0x20) + [0x22, 0x5C] {
            let escaped = canonical([byte]).dropFirst().dropLast()
            for place in 0..<100 {
                let (before, after) = (Array(String(repeating: usual, count: place).utf8), Array(usual.utf8))
                let text = before + [byte] + (0..<50).flatMap { _ in after }
                let token = canonical(text)
                #expect(token == [0x22] + before + escaped + text.suffix(50 * after.count) + [0x22])
                #expect(try decoded(token) == text)
            }
        }
    }

    @Test func `every character comes back through Python as it was`() async throws {
        let scalars = (UInt32(0)...0x10FFFF).compactMap(Unicode.Scalar.init)
        var texts: [[UInt8]] = []
        for start in stride(from: 0, to: scalars.count, by: 997) {
            var text = String.UnicodeScalarView()
            text.append(contentsOf: scalars[start..<min(start + 997, scalars.count)])
            texts.append(Array(String(text).utf8))
        }
        #expect(try await pythonDecoded(texts.map(canonical)) == texts)
    }

    @Test(arguments: Seed.several(3)) func `random text comes back through Python and through the reader`(seed: Seed)
        async throws
    {
        var edges = EdgeRecords(seed: seed.value)
        let texts = (0..<2000).map { _ in Array(edges.text(upTo: 80).utf8) }
        let tokens = texts.map(canonical)
        #expect(try await pythonDecoded(tokens) == texts)
        for (text, token) in zip(texts, tokens) {
            #expect(try decoded(token) == text)
            #expect(try isCanonical(token))
        }
    }

    @Test(arguments: Seed.several(3)) func `strings of any notation are read as Python reads them`(seed: Seed)
        async throws
    {
        var edges = EdgeRecords(seed: seed.value)
        let tokens = (0..<3000).map { _ in Array(edges.jsonString().utf8) }
        var decodable: [[UInt8]] = []
        var ours: [[UInt8]] = []
        for token in tokens {
            do throws(JSONError) {
                var reader = try JSONReader(token)
                ours.append(try reader.readString())
                decodable.append(token)
            } catch {
                #expect(error.code == .loneSurrogate, "\(shown(token))")
            }
        }
        #expect(decodable.count > 500 && decodable.count < tokens.count)
        #expect(try await pythonDecoded(decodable) == ours)
        // A token is canonical if and only if writing what it means gives the token again.
        for (token, bytes) in zip(decodable, ours) { #expect(try isCanonical(token) == (canonical(bytes) == token)) }
    }

    @Test func `half a surrogate pair is refused wherever it stands, and only there`() throws {
        for half in [
            "\\ud800", "\\udbff", "\\udc00", "\\udfff", "\\ud800\\ud800\\udc00", "\\udc00\\ud800", "\\ud800\\u0041",
            "\\ud83d\\n\\ude00",
        ] {
            for text in ["\"\(half)\"", "\"a\(half)\"", "\"\(half)b\"", "\"\\n\(half)\\\\\""] {
                #expect(throws: JSONError.self, "\(text)") { try decoded(Array(text.utf8)) }
                #expect(try !isCanonical(Array(text.utf8)))
            }
        }
        for high in stride(from: UInt32(0xD800), through: 0xDBFF, by: 51) {
            for low in stride(from: UInt32(0xDC00), through: 0xDFFF, by: 51) {
                let token = "\"\\u\(String(high, radix: 16))\\u\(String(low, radix: 16, uppercase: true))\""
                let scalar = try #require(Unicode.Scalar(0x10000 + (high - 0xD800) * 0x400 + low - 0xDC00))
                #expect(try decoded(Array(token.utf8)) == Array(String(Character(scalar)).utf8))
            }
        }
    }

    @Test(arguments: [
        "\\/", "\\u0041", "\\u00e9", "\\u0022", "\\u005c", "\\u0008", "\\u0009", "\\u000a", "\\u000c", "\\u000d",
        "\\u001F", "\\u000B", "\\u007f", "\\u0020",
        "\\u2028", "\\ud83d\\ude00", "\\uFFFF",
    ])
    func `a longer notation than need be is not canonical`(escape: String) throws {
        #expect(try !isCanonical(Array("\"\(escape)\"".utf8)))
        #expect(try !isCanonical(Array("\"abcdefgh\(escape)\\n\"".utf8)))
    }

    @Test func `a canonical string is measured without decoding`() throws {
        for text in ["", "a", "\n", "a\u{0}\u{1}\"\\é\u{1F600}", "\u{7F}\u{2028}"] {
            var reader = try JSONReader(canonical(Array(text.utf8)))
            let token = try #require(try reader.readCanonicalString())
            #expect(token.decodedBytes == text.utf8.count)
            #expect(token.content == 1..<reader.bytes.count - 1)
        }
    }

    @Test func `many strings go into one buffer one after the other`() throws {
        var out = Array("[".utf8)
        for index in 0..<5000 {
            if index > 0 { out.append(0x2C) }
            JSONString.append("key \"\(index)\"", to: &out)
        }
        out.append(0x5D)
        var reader = try JSONReader(out)
        try reader.beginArray()
        var count = 0
        while try reader.nextElement() {
            #expect(try reader.readString() == Array("key \"\(count)\"".utf8))
            count += 1
        }
        try reader.finish()
        #expect(count == 5000)
    }
}
