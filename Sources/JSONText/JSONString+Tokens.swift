// String tokens as they stand in a text: their extent, their notation, their meaning. "Content" is a token without its
// quotes.

extension JSONString {
    /// Finds the end of a string token and checks its escapes.
    ///
    /// - Parameters:
    ///   - bytes: The whole text.
    ///   - start: Where the content starts, after the quote.
    /// - Returns: Where the content ends, which is where the closing quote stands, and whether it has escapes.
    /// - Throws: `unexpectedEnd` or `unexpectedByte`.
    static func scanContent(
        _ bytes: UnsafeRawBufferPointer, from start: Int
    ) throws(JSONError) -> (end: Int, hasEscapes: Bool) {
        var index = start
        var hasEscapes = false
        while true {
            index = ByteScan.firstSpecial(in: bytes, from: index)
            guard index < bytes.count else { throw JSONError(.unexpectedEnd, at: bytes.count, "a string has no end") }
            switch bytes[index] {
            case 0x22: return (index, hasEscapes)
            case 0x5C:
                hasEscapes = true
                index += try escapeLength(bytes, at: index)
            default: throw JSONError(.unexpectedByte, at: index, "a bare control character in a string")
            }
        }
    }

    private static func escapeLength(_ bytes: UnsafeRawBufferPointer, at index: Int) throws(JSONError) -> Int {
        guard index + 1 < bytes.count else { throw JSONError(.unexpectedEnd, at: bytes.count, "a string has no end") }
        switch bytes[index + 1] {
        case 0x22, 0x5C, 0x2F, 0x62, 0x66, 0x6E, 0x72, 0x74: return 2
        case 0x75:
            guard index + 6 <= bytes.count else {
                throw JSONError(.unexpectedEnd, at: bytes.count, "a string has no end")
            }
            guard bytes[index + 2..<index + 6].allSatisfy({ hexValue($0) != nil }) else {
                throw JSONError(.unexpectedByte, at: index, "a \\u escape without four hexadecimal digits")
            }
            return 6
        default: throw JSONError(.unexpectedByte, at: index, "an escape that JSON does not have")
        }
    }
}

// MARK: - Canonical notation

extension JSONString {
    /// How many bytes well-formed content stands for, or `nil` if it is not in canonical notation.
    static func canonicalByteCount(_ content: UnsafeRawBufferPointer) -> Int? {
        var count = content.count
        var index = 0
        while true {
            index = ByteScan.firstSpecial(in: content, from: index)
            if index == content.count { return count }
            guard let length = canonicalEscapeLength(content, at: index) else { return nil }
            // A canonical escape always stands for one byte.
            count -= length - 1
            index += length
        }
    }

    /// Finds the end of content in canonical notation.
    ///
    /// - Parameters:
    ///   - bytes: The whole text.
    ///   - start: Where the content starts, after the quote.
    /// - Returns: Where the closing quote stands, and how many bytes the content stands for; `nil` if there is no end, or the
    ///   notation is another one.
    static func canonicalContent(
        _ bytes: UnsafeRawBufferPointer, from start: Int
    ) -> (end: Int, decodedBytes: Int)? {
        var index = start
        var saved = 0
        while true {
            index = ByteScan.firstSpecial(in: bytes, from: index)
            guard index < bytes.count else { return nil }
            if bytes[index] == 0x22 { return (index, index - start - saved) }
            guard let length = canonicalEscapeLength(bytes, at: index) else { return nil }
            // A canonical escape always stands for one byte.
            saved += length - 1
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
}

// MARK: - Decoding

extension JSONString {
    /// The bytes that the content of a string token stands for.
    ///
    /// - Parameter content: A part of a text, already known to be well-formed.
    /// - Returns: Valid UTF-8.
    /// - Throws: `loneSurrogate` when an escape names half of a surrogate pair.
    package static func decode(_ content: ArraySlice<UInt8>) throws(JSONError) -> [UInt8] {
        try content.withUnsafeBufferPointer { buffer throws(JSONError) in
            try decode(UnsafeRawBufferPointer(buffer), at: content.startIndex)
        }
    }

    private static func decode(_ content: UnsafeRawBufferPointer, at offset: Int) throws(JSONError) -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(content.count)
        var start = 0
        while true {
            let special = ByteScan.firstSpecial(in: content, from: start)
            if special > start { out.append(contentsOf: UnsafeRawBufferPointer(rebasing: content[start..<special])) }
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
            out.append(contentsOf: scalar.utf8)
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
        out.append(contentsOf: scalar.utf8)
        return second + 6
    }

    private static func codeUnit(_ content: UnsafeRawBufferPointer, at index: Int) -> UInt32 {
        var unit: UInt32 = 0
        for digit in content[index..<index + 4] { unit = unit << 4 | UInt32(hexValue(digit) ?? 0) }
        return unit
    }
}
