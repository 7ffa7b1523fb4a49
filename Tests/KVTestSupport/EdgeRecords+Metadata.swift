package import KVModel

extension EdgeRecords {
    /// No metadata, an edge case, or generated JSON.
    package mutating func metadata() -> KVMetadata? {
        switch Int.random(in: 0..<10, using: &generator) {
        case 0...4: return nil
        case 5...7: return parsed(generator.pick(Self.metadataTexts))
        default:
            let text = json(depth: 4)
            // The texts are valid; of those too long, or null, none is made.
            return text.utf8.count <= KVLimits.metadataBytes ? parsed(text) : nil
        }
    }

    private func parsed(_ text: String) -> KVMetadata? {
        do throws {
            return try KVMetadata(json: text)
        } catch {
            preconditionFailure("a generator made metadata that is not JSON: \(text) (\(error))")
        }
    }

    /// A compact JSON text of any type, with unusual but legal notations.
    package mutating func json(depth: Int) -> String {
        let kind = Int.random(in: 0..<(depth > 0 ? 8 : 5), using: &generator)
        switch kind {
        case 0: return generator.pick(["true", "false", "null"])
        case 1, 2: return number()
        case 3, 4: return jsonString()
        case 5:
            let elements = (0..<Int.random(in: 0...4, using: &generator)).map { _ in json(depth: depth - 1) }
            return "[" + elements.joined(separator: ",") + "]"
        default:
            let names = ["\"a\"", "\"a\"", "\"\"", "\"__proto__\"", "\"\\u0061\"", jsonString()]
            let members = (0..<Int.random(in: 0...4, using: &generator)).map { _ in
                generator.pick(names) + ":" + json(depth: depth - 1)
            }
            return "{" + members.joined(separator: ",") + "}"
        }
    }

    /// A number in any of JSON's notations.
    package mutating func number() -> String {
        var text = generator.pick(["", "", "-"])
        text += generator.pick([
            "0", "1", "9", "10", "9007199254740993", "\(UInt32.random(in: 1...UInt32.max, using: &generator))",
        ])
        if generator.chance(0.4) { text += generator.pick([".0", ".5", ".10", ".000001", ".30000000000000004"]) }
        if generator.chance(0.3) {
            text +=
                generator.pick(["e", "E"]) + generator.pick(["", "+", "-"])
                + generator.pick(["0", "1", "02", "22", "308", "400"])
        }
        return text
    }

    /// A string with escapes where they are needed, where they are not, and where they name half a pair.
    package mutating func jsonString() -> String {
        var text = "\""
        for _ in 0..<Int.random(in: 0...8, using: &generator) {
            let scalar = self.scalar()
            let escape = generator.pick([
                "\\n", "\\/", "\\\"", "\\\\", "\\b", "\\u0000", "\\u001F", "\\u0041", "\\u00e9", "\\uD83D\\uDE00",
                "\\ud800", "\\udfff", "\\uFFFF",
            ])
            text +=
                scalar.value < 0x20 || scalar == "\"" || scalar == "\\" || generator.chance(0.2)
                ? escape : String(scalar)
        }
        return text + "\""
    }

    /// Compact metadata texts of every JSON type, none longer than KV allows.
    package static let metadataTexts: [String] =
        [
            "{}", "[]", "\"\"", "true", "false", "0", "-0", "-0.0", "1", "1.0", "1.00", "1e2", "1E2", "1e+2", "1e-2",
            "1e400", "-1e400", "1e-400",
            "0.1e-7", "0.30000000000000004", "9007199254740992", "9007199254740993", "-9007199254740993",
            "12345678901234567890123",
            "18446744073709551616", "3.141592653589793238462643383279",
            "\"text\"", "\"null\"", "\"caf\u{E9}\"", "\"cafe\u{301}\"", "\"\u{1F600}\"", "\"\\ud83d\\ude00\"",
            "\"\\ud800\"", "\"\\udc00x\"",
            "\"\\ud800\\ud800\"", "\"\\u0000\"", "\"\\u0041\"", "\"\\/\"", "\"/\"", "\"\\\\\"", "\"\\\"\"",
            "\"\\b\\f\\n\\r\\t\"", "\"\\u001F\"", "\"\\u001f\"",
            "\" a  b \"", "\"a:b,c\"", "\"\u{7F}\u{2028}\u{FEFF}\u{FFFD}\"", "\"<b>&amp;</b>\"",
            "{\"a\":1}", "{\"a\":null}", "{\"b\":1,\"a\":2}", "{\"a\":1,\"a\":2}", "{\"a\":1,\"\\u0061\":2}",
            "{\"\":\"\"}", "{\"a b\":\" \"}",
            "{\"__proto__\":{\"x\":1}}", "{\"constructor\":1}", "{\"10\":1,\"9\":2,\"1\":3}",
            "{\"v\":1.0,\"n\":9007199254740993}",
            "{\"key\":\"k\",\"value\":\"v\",\"base64\":true}", "{\"expiration\":1}", "[null]",
            "[[],{},\"\",0,true,null]", "[1,1.0,1e0]",
            "{\"a\":{\"b\":{\"c\":{\"d\":[{\"e\":[]}]}}}}",
        ] + [
            String(repeating: "[", count: 200) + String(repeating: "]", count: 200), longMetadata(of: 1024),
            longMetadata(of: 1023),
            "\"" + String(repeating: "é", count: 511) + "\"", "[" + String(repeating: "0,", count: 510) + "0]",
            "\"" + String(repeating: "\\u0000", count: 170) + "ab\"",
        ]

    /// An object of exactly some length in bytes, at least 8.
    package static func longMetadata(of bytes: Int) -> String {
        "{\"m\":\"" + String(repeating: "x", count: bytes - 8) + "\"}"
    }
}
