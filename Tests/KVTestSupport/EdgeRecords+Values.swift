import Foundation

extension EdgeRecords {
    /// A value: an edge case, text, bytes, or a block.
    package mutating func value() -> [UInt8] {
        switch Int.random(in: 0..<8, using: &generator) {
        case 0, 1: generator.pick(Self.values)
        case 2: generator.bytes(Int.random(in: 0...valueBytesMaximum, using: &generator))
        case 3: block()
        case 4: damagedText()
        case 5:
            (0..<Int.random(in: 0...64, using: &generator)).map { _ in UInt8.random(in: 0...0x1F, using: &generator) }
        default: Array(text(upTo: min(valueBytesMaximum, 512)).utf8)
        }
    }

    /// Much of the same, up to the longest.
    private mutating func block() -> [UInt8] {
        let count = Int.random(in: 0...valueBytesMaximum, using: &generator)
        let pattern = generator.pick([
            "x", "\"", "\\", "\u{1}", "é", "0123456789", "lorem ipsum dolor sit amet\n", "{\"a\":1},",
        ])
        let bytes = Array(pattern.utf8)
        // A cut in the middle of a character leaves bytes that are not text.
        return (0..<count).map { bytes[$0 % bytes.count] }
    }

    /// Text with one byte changed, which mostly is no text any more.
    private mutating func damagedText() -> [UInt8] {
        var bytes = Array(text(upTo: 64).utf8)
        guard !bytes.isEmpty else { return [0xFF] }
        let index = Int.random(in: 0..<bytes.count, using: &generator)
        bytes[index] = UInt8.random(in: 0...255, using: &generator)
        return bytes
    }

    /// Values that programs get wrong.
    package static let values: [[UInt8]] = textValues.map { Array($0.utf8) } + invalidUTF8 + byteValues

    /// Text: empty, JSON, markup, line ends, marks, controls, and what looks like something else.
    package static let textValues: [String] = [
        "", "\u{0}", "a\u{0}b", "\u{0}\u{0}\u{0}", " ", "\n", "\r\n", "a\r\nb\r\n", "line\n", "\n\n", "\t", "\\", "\"",
        "/", "\\/", "\\u0041",
        "\u{FEFF}", "\u{FEFF}{\"a\":1}", "\u{FFFD}", "caf\u{FFFD}", "\u{FFFD}\u{FFFD}", "\u{FFFE}\u{FFFF}",
        "\u{10FFFF}", "\u{2028}\u{2029}",
        "e\u{301}", "\u{E9}", "\u{1F600}", "\u{202E}txt", "\u{7F}\u{80}\u{9F}",
        String((0..<0x20).flatMap { Unicode.Scalar($0).map { [Character($0)] } ?? [] }),
        "null", "true", "0", "1.0", "1e400", "9007199254740993", "-0", "[]", "{}", "[1, 2]", "\"a\"",
        "{\"a\": {\"b\": [1.0, null]}}", "{",
        "{\"success\":false,\"errors\":[{\"code\":10009,\"message\":\"get: 'key not found'\"}],\"messages\":[],\"result\":null}",
        "{\"success\":true,\"errors\":[],\"messages\":[],\"result\":{\"values\":{}}}",
        "{\"key\":\"a\",\"value\":\"b\"}", "{\"code\":10013,\"error\":\"namespace not found\"}",
        "<!doctype html><title>502 Bad Gateway</title><h1>502</h1>", "<?xml version=\"1.0\"?><Error/>",
        "aGVsbG8=", "/9j/4A==", "AAAA", "====", "data:image/png;base64,iVBORw0KGgo=",
        "--boundary\r\nContent-Disposition: form-data; name=\"value\"\r\n\r\nx\r\n--boundary--\r\n", "a=1&b=2+3%20",
        "%00%FF",
        "\u{1B}[31mred\u{1B}[0m", "undefined", "[object Object]", "NaN",
    ]

    /// Bytes that are not UTF-8, by kind: overlong, alone, surrogate, too high, cut off, of another encoding.
    package static let invalidUTF8: [[UInt8]] = [
        [0x80], [0xBF], [0xFF], [0xFE], [0xFF, 0xFE], [0xFE, 0xFF], [0xC0, 0x80], [0xC0, 0xAF], [0xC1, 0xBF],
        [0xE0, 0x80, 0x80],
        [0xE0, 0x9F, 0xBF], [0xF0, 0x80, 0x80, 0x80], [0xF0, 0x8F, 0xBF, 0xBF], [0xED, 0xA0, 0x80], [0xED, 0xBF, 0xBF],
        [0xED, 0xA0, 0xBD, 0xED, 0xB8, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80],
        [0xF8, 0x88, 0x80, 0x80, 0x80],
        [0xFC, 0x84, 0x80, 0x80, 0x80, 0x80], [0xC3], [0x61, 0xC3], [0xE2, 0x82], [0xF0, 0x9F, 0x98], [0xC3, 0x28],
        [0xE2, 0x28, 0xA1],
        [0xE2, 0x82, 0x28], [0x63, 0x61, 0x66, 0xE9], [0x61, 0x80, 0x62], [0xFF, 0xFE, 0x61, 0x00], [0xEF, 0xBB],
        [0xEF, 0xBF, 0xBD, 0xFF],
    ]

    /// Bytes with a meaning for some program, and all 256 of them.
    package static let byteValues: [[UInt8]] = [
        Array(0...255), Array((0...255).reversed()), Array(0...127), Array(128...255),
        [UInt8](repeating: 0, count: 1000),
        [UInt8](repeating: 0xFF, count: 999), [UInt8](repeating: 0x01, count: 1001),
        [0x1F, 0x8B, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00], [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A],
        [0x28, 0xB5, 0x2F, 0xFD],
        [0x50, 0x4B, 0x03, 0x04], [0x7F, 0x45, 0x4C, 0x46], [0xFF, 0xD8, 0xFF, 0xE0], [0x25, 0x50, 0x44, 0x46],
        [0x0D, 0x0A, 0x1A],
    ]
}
