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
        // Exactly what is needed would be reserved again for each of many strings, and all copied each time.
        let needed = out.count + bytes.count + 2
        if needed > out.capacity { out.reserveCapacity(max(needed, 2 * out.capacity)) }
        out.append(0x22)
        var start = 0
        while true {
            let special = ByteScan.firstSpecial(in: bytes, from: start)
            if special > start { out.append(contentsOf: UnsafeRawBufferPointer(rebasing: bytes[start..<special])) }
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
            out.append(0x75)
            out.append(0x30)
            out.append(0x30)
            out.append(hexDigit(byte >> 4))
            out.append(hexDigit(byte & 0xF))
        }
    }

    static func hexDigit(_ nibble: UInt8) -> UInt8 { nibble < 10 ? 0x30 + nibble : 0x57 + nibble }

    /// The letter after the backslash for a byte that has a short escape.
    static func shortEscape(of byte: UInt8) -> UInt8? {
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

    static func hexValue(_ digit: UInt8) -> UInt8? {
        switch digit {
        case 0x30...0x39: digit - 0x30
        case 0x41...0x46: digit - 0x37
        case 0x61...0x66: digit - 0x57
        default: nil
        }
    }
}
