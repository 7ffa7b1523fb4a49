/// Strings in JSON's own notation.
///
/// The canonical notation of a string escapes what must be escaped, in the shortest way: `\"` `\\` `\b` `\f` `\n` `\r`
/// `\t`, other control characters as `\u00xx` in lower case. Everything else stands for itself.
public enum JSONString {
    /// Appends a string in quotes and canonical notation.
    ///
    /// - Parameters:
    ///   - utf8: The string's bytes; they must be valid UTF-8.
    ///   - out: Where the text goes.
    public static func append(_ utf8: [UInt8], to out: inout [UInt8]) {
        utf8.withUnsafeBytes { appendQuoted($0, to: &out) }
    }

    /// Appends a string in quotes and canonical notation.
    public static func append(_ string: String, to out: inout [UInt8]) {
        var string = string
        string.withUTF8 { appendQuoted(UnsafeRawBufferPointer($0), to: &out) }
    }

    /// A string in quotes and canonical notation, for messages and small documents.
    public static func quoted(_ string: String) -> String {
        var out: [UInt8] = []
        append(string, to: &out)
        return String(decoding: out, as: UTF8.self)
    }

    private static func appendQuoted(_ bytes: UnsafeRawBufferPointer, to out: inout [UInt8]) {
        out.reserveCapacity(out.count + bytes.count + 2)
        out.append(0x22)
        var start = 0
        while true {
            let special = ByteScan.firstSpecial(in: bytes, from: start)
            out.append(contentsOf: UnsafeRawBufferPointer(rebasing: bytes[start..<special]))
            if special == bytes.count { break }
            appendEscape(bytes[special], to: &out)
            start = special + 1
        }
        out.append(0x22)
    }

    private static func appendEscape(_ byte: UInt8, to out: inout [UInt8]) {
        out.append(0x5C)
        if let letter = shortEscape(of: byte) {
            out.append(letter)
        } else {
            out.append(contentsOf: [0x75, 0x30, 0x30, hexDigit(byte >> 4), hexDigit(byte & 0xF)])
        }
    }

    private static func hexDigit(_ nibble: UInt8) -> UInt8 { nibble < 10 ? 0x30 + nibble : 0x57 + nibble }

    /// The letter after the backslash for a byte that has a short escape.
    private static func shortEscape(of byte: UInt8) -> UInt8? {
        switch byte {
        case 0x22, 0x5C: byte
        case 0x08: 0x62
        case 0x0C: 0x66
        case 0x0A: 0x6E
        case 0x0D: 0x72
        case 0x09: 0x74
        default: nil
        }
    }

    /// Whether the content of a well-formed string token (without its quotes) is in canonical notation.
    static func isCanonical(_ content: UnsafeRawBufferPointer) -> Bool {
        var index = 0
        while true {
            index = ByteScan.firstSpecial(in: content, from: index)
            if index == content.count { return true }
            guard let length = canonicalEscapeLength(content, at: index) else { return false }
            index += length
        }
    }

    private static func canonicalEscapeLength(_ content: UnsafeRawBufferPointer, at index: Int) -> Int? {
        guard content[index] == 0x5C, index + 1 < content.count else { return nil }
        switch content[index + 1] {
        case 0x22, 0x5C, 0x62, 0x66, 0x6E, 0x72, 0x74: return 2
        case 0x75:
            guard index + 6 <= content.count, content[index + 2] == 0x30, content[index + 3] == 0x30,
                let high = hexValue(content[index + 4]), let low = hexValue(content[index + 5])
            else { return nil }
            let byte = UInt8(high << 4 | low)
            guard byte < 0x20, shortEscape(of: byte) == nil, content[index + 5] == hexDigit(byte & 0xF) else {
                return nil
            }
            return 6
        default: return nil
        }
    }

    /// The bytes a string token stands for.
    ///
    /// - Parameters:
    ///   - content: The token without its quotes, already known to be well-formed.
    ///   - offset: Where the token stands, for the error.
    /// - Returns: Valid UTF-8.
    /// - Throws: `loneSurrogate` when an escape names half of a surrogate pair.
    static func decode(_ content: UnsafeRawBufferPointer, at offset: Int) throws(JSONError) -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(content.count)
        var start = 0
        while true {
            let special = ByteScan.firstSpecial(in: content, from: start)
            out.append(contentsOf: UnsafeRawBufferPointer(rebasing: content[start..<special]))
            if special == content.count { return out }
            start = try decodeEscape(content, at: special, offset: offset, into: &out)
        }
    }

    /// Decodes the escape that starts at `index` and returns where the next character starts.
    private static func decodeEscape(
        _ content: UnsafeRawBufferPointer, at index: Int, offset: Int, into out: inout [UInt8]
    ) throws(JSONError) -> Int {
        switch content[index + 1] {
        case 0x62: out.append(0x08)
        case 0x66: out.append(0x0C)
        case 0x6E: out.append(0x0A)
        case 0x72: out.append(0x0D)
        case 0x74: out.append(0x09)
        case 0x75: return try decodeUnicodeEscape(content, at: index, offset: offset, into: &out)
        case let byte: out.append(byte)  // a quote, a backslash or a slash
        }
        return index + 2
    }

    private static func decodeUnicodeEscape(
        _ content: UnsafeRawBufferPointer, at index: Int, offset: Int, into out: inout [UInt8]
    ) throws(JSONError) -> Int {
        let first = codeUnit(content, at: index + 2)
        if let scalar = Unicode.Scalar(first) {
            out.append(contentsOf: String(Character(scalar)).utf8)
            return index + 6
        }
        let second = index + 6
        guard first < 0xDC00, second + 6 <= content.count, content[second] == 0x5C, content[second + 1] == 0x75 else {
            throw JSONError(.loneSurrogate, at: offset + index, "half a surrogate pair in a string")
        }
        let low = codeUnit(content, at: second + 2)
        guard (0xDC00...0xDFFF).contains(low),
            let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (low - 0xDC00))
        else { throw JSONError(.loneSurrogate, at: offset + index, "half a surrogate pair in a string") }
        out.append(contentsOf: String(Character(scalar)).utf8)
        return second + 6
    }

    private static func codeUnit(_ content: UnsafeRawBufferPointer, at index: Int) -> UInt32 {
        var unit: UInt32 = 0
        for digit in content[index..<index + 4] { unit = unit << 4 | UInt32(hexValue(digit) ?? 0) }
        return unit
    }

    static func hexValue(_ digit: UInt8) -> UInt8? {
        switch digit {
        case 0x30...0x39: digit - 0x30
        case 0x41...0x46: digit - 0x37
        case 0x61...0x66: digit - 0x57
        default: nil
        }
    }
}
