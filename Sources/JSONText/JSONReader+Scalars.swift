// Strings, numbers and words: the values that hold no others.

extension JSONReader {
    /// Reads a string.
    ///
    /// - Returns: Its bytes with all escapes resolved: valid UTF-8.
    public mutating func readString() throws(JSONError) -> [UInt8] { try decodeString(try readStringToken()) }

    /// Reads a string that must be in canonical notation, as archives hold it.
    ///
    /// - Returns: Where its content stands (without the quotes) and whether it has escapes; or `nil` if it could have
    ///   been written shorter or is escaped where it need not be.
    public mutating func readCanonicalStringToken() throws(JSONError) -> (content: Range<Int>, hasEscapes: Bool)? {
        guard let (content, decodedBytes) = try readCanonicalString() else { return nil }
        return (content, decodedBytes != content.count)
    }

    /// Reads a string that must be in canonical notation, and measures it without decoding it.
    ///
    /// - Returns: Where its content stands (without the quotes) and how many bytes it stands for, which are fewer than
    ///   the content has if and only if there are escapes; or `nil` if the notation is not canonical.
    public mutating func readCanonicalString() throws(JSONError) -> (content: Range<Int>, decodedBytes: Int)? {
        let (content, hasEscapes) = try readStringToken()
        guard hasEscapes else { return (content, content.count) }
        let count = bytes.withUnsafeBytes {
            JSONString.canonicalByteCount(UnsafeRawBufferPointer(rebasing: $0[content]))
        }
        return count.map { (content, $0) }
    }

    /// The bytes that a string token of this text stands for.
    public func decodeString(_ token: (content: Range<Int>, hasEscapes: Bool)) throws(JSONError) -> [UInt8] {
        guard token.hasEscapes else { return Array(bytes[token.content]) }
        return try JSONString.decode(bytes[token.content])
    }

    /// Reads `true` or `false`.
    public mutating func readBool() throws(JSONError) -> Bool {
        try expectKind(.bool)
        let isTrue = bytes[position] == 0x74
        try skipWord(isTrue ? "true" : "false")
        return isTrue
    }

    /// Reads `null`.
    public mutating func readNull() throws(JSONError) {
        try expectKind(.null)
        try skipWord("null")
    }

    /// Reads a number that is a whole one: `60`, `6e1` and `60.0` are, `60.9` is not.
    ///
    /// - Returns: The number, or `nil` if it is not whole or too large for 64 bits. The answer is exact: it comes from
    ///   the digits, not from a floating-point number.
    public mutating func readInteger() throws(JSONError) -> Int64? {
        try expectKind(.number)
        return JSONNumber.integer(bytes[try readRaw()])
    }
}

// MARK: - Tokens

extension JSONReader {
    mutating func readStringToken() throws(JSONError) -> (content: Range<Int>, hasEscapes: Bool) {
        try expectKind(.string)
        let start = position + 1
        let (end, hasEscapes) = try bytes.withUnsafeBufferPointer { buffer throws(JSONError) in
            try JSONString.scanContent(UnsafeRawBufferPointer(buffer), from: start)
        }
        position = end + 1
        isAtFirst = false
        return (start..<end, hasEscapes)
    }

    mutating func skipNumber() throws(JSONError) {
        if bytes[position] == 0x2D { position += 1 }
        if try currentByte() == 0x30 {
            position += 1
        } else {
            try skipDigits()
        }
        if position < bytes.count, bytes[position] == 0x2E {
            position += 1
            try skipDigits()
        }
        if position < bytes.count, bytes[position] | 0x20 == 0x65 {
            position += 1
            let sign = try currentByte()
            if sign == 0x2B || sign == 0x2D { position += 1 }
            try skipDigits()
        }
        isAtFirst = false
    }

    private mutating func skipDigits() throws(JSONError) {
        guard (0x30...0x39).contains(try currentByte()) else { throw unexpectedByte("a digit") }
        while position < bytes.count, (0x30...0x39).contains(bytes[position]) { position += 1 }
    }

    private mutating func skipWord(_ word: StaticString) throws(JSONError) {
        for index in 0..<word.utf8CodeUnitCount {
            guard try currentByte() == word.utf8Start[index] else { throw unexpectedByte(word.description) }
            position += 1
        }
        isAtFirst = false
    }
}
