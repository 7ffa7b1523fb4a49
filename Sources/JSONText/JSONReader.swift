/// Pulls tokens out of one JSON text, without building a tree and without ever turning a number into a number type.
///
/// The caller walks the document in the order in which it stands:
///
///     var reader = try JSONReader(bytes)
///     try reader.beginObject()
///     while let name = try reader.nextMember() {
///         switch name {
///         case "key": key = try reader.readString()
///         case "metadata": metadata = try reader.readRaw()
///         default: try reader.skipValue()
///         }
///     }
///     try reader.finish()
///
/// The whole text is known to be UTF-8 from the start; the grammar (RFC 8259) is checked as the text is read, so a
/// document is well-formed only once ``finish()`` has returned. Works on whole tokens: nothing here is called per byte
/// from another module.
public struct JSONReader: Sendable {
    /// The kinds of JSON value.
    public enum Kind: Hashable, Sendable {
        case object, array, string, number, bool, null
    }

    /// The document.
    public let bytes: [UInt8]
    /// Where the reader stands, in bytes from the start.
    public private(set) var position = 0
    /// How deep arrays and objects may be nested.
    public let maximumDepth: Int

    private var depth = 0
    /// Whether the container entered last has given no member or element yet.
    private var isAtFirst = false

    /// Starts to read a text.
    ///
    /// - Parameters:
    ///   - bytes: One JSON value, with white space around it or not.
    ///   - maximumDepth: How deep arrays and objects may be nested before the reader refuses to go on.
    /// - Throws: `invalidUTF8`, which includes a text that starts with a byte order mark (it is not JSON).
    public init(_ bytes: [UInt8], maximumDepth: Int = 1024) throws(JSONError) {
        guard UTF8Text.isValid(bytes) else { throw JSONError(.invalidUTF8, at: 0, "the text is not UTF-8") }
        self.bytes = bytes
        self.maximumDepth = maximumDepth
    }

    /// The kind of the value that comes next.
    public mutating func peekKind() throws(JSONError) -> Kind {
        skipWhitespace()
        switch try currentByte() {
        case 0x7B: return .object
        case 0x5B: return .array
        case 0x22: return .string
        case 0x74, 0x66: return .bool
        case 0x6E: return .null
        case 0x2D, 0x30...0x39: return .number
        default: throw unexpectedByte("a value")
        }
    }

    // MARK: Containers

    /// Enters the object that comes next.
    public mutating func beginObject() throws(JSONError) {
        try expectKind(.object)
        try enter()
    }

    /// Moves to the value of the next member, or leaves the object.
    ///
    /// - Returns: The member's name, or `nil` at the end of the object.
    public mutating func nextMember() throws(JSONError) -> JSONName? {
        guard try advance(closing: 0x7D) else { return nil }
        let name = JSONName(String(decoding: try readString(), as: UTF8.self))
        skipWhitespace()
        guard try currentByte() == 0x3A else { throw unexpectedByte("a colon") }
        position += 1
        return name
    }

    /// Enters the array that comes next.
    public mutating func beginArray() throws(JSONError) {
        try expectKind(.array)
        try enter()
    }

    /// Moves to the next element, or leaves the array.
    ///
    /// - Returns: Whether there is one.
    public mutating func nextElement() throws(JSONError) -> Bool { try advance(closing: 0x5D) }

    private mutating func enter() throws(JSONError) {
        depth += 1
        guard depth <= maximumDepth else {
            throw JSONError(.tooDeep, at: position, "more than \(maximumDepth) nested arrays and objects")
        }
        position += 1
        isAtFirst = true
    }

    private mutating func advance(closing: UInt8) throws(JSONError) -> Bool {
        skipWhitespace()
        let byte = try currentByte()
        if byte == closing {
            position += 1
            depth -= 1
            isAtFirst = false
            return false
        }
        if !isAtFirst {
            guard byte == 0x2C else { throw unexpectedByte("a comma or the end of the list") }
            position += 1
            skipWhitespace()
        }
        isAtFirst = false
        return true
    }

    // MARK: Scalars

    /// Reads a string.
    ///
    /// - Returns: Its bytes with all escapes resolved: valid UTF-8.
    public mutating func readString() throws(JSONError) -> [UInt8] {
        let (content, hasEscapes) = try readStringToken()
        guard hasEscapes else { return Array(bytes[content]) }
        return try withBytes(content) { buffer throws(JSONError) in
            try JSONString.decode(buffer, at: content.lowerBound)
        }
    }

    /// Reads a string that must be in canonical notation, as archives hold it.
    ///
    /// - Returns: Where its content stands (without the quotes) and whether it has escapes; or `nil` if it could have
    ///   been written shorter or is escaped where it need not be.
    public mutating func readCanonicalStringToken() throws(JSONError) -> (content: Range<Int>, hasEscapes: Bool)? {
        let token = try readStringToken()
        guard token.hasEscapes else { return token }
        return try withBytes(token.content, JSONString.isCanonical) ? token : nil
    }

    /// The bytes that a string token of this text stands for.
    public func decodeString(_ token: (content: Range<Int>, hasEscapes: Bool)) throws(JSONError) -> [UInt8] {
        guard token.hasEscapes else { return Array(bytes[token.content]) }
        return try withBytes(token.content) { buffer throws(JSONError) in
            try JSONString.decode(buffer, at: token.content.lowerBound)
        }
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
    /// - Returns: The number, or `nil` if it is not whole or too large to be exact.
    public mutating func readInteger() throws(JSONError) -> Int64? {
        try expectKind(.number)
        let text = String(decoding: bytes[try readRaw()], as: UTF8.self)
        if let integer = Int64(text) { return integer }
        // Up to 2^53 a Double holds every whole number, so that `6e1` is exactly 60.
        guard let number = Double(text), number.magnitude <= 0x1p53 else { return nil }
        return Int64(exactly: number)
    }

    // MARK: Any value

    /// Passes over a value of any kind and checks its grammar.
    public mutating func skipValue() throws(JSONError) { _ = try readRaw() }

    /// Passes over a value of any kind and says where it stood, so that it can be kept as it is.
    public mutating func readRaw() throws(JSONError) -> Range<Int> {
        skipWhitespace()
        let start = position
        let outerDepth = depth
        var closers: [UInt8] = []
        repeat {
            if let closer = closers.last {
                guard try advance(closing: closer) else {
                    closers.removeLast()
                    continue
                }
                if closer == 0x7D { try skipMemberName() }
            }
            try skipScalarOrEnter(&closers)
        } while !closers.isEmpty
        depth = outerDepth
        return start..<position
    }

    /// Checks that nothing but white space is left.
    public mutating func finish() throws(JSONError) {
        skipWhitespace()
        guard position == bytes.count else {
            throw JSONError(.trailingBytes, at: position, "the text goes on after its value")
        }
    }

    private mutating func skipMemberName() throws(JSONError) {
        _ = try readStringToken()
        skipWhitespace()
        guard try currentByte() == 0x3A else { throw unexpectedByte("a colon") }
        position += 1
    }

    private mutating func skipScalarOrEnter(_ closers: inout [UInt8]) throws(JSONError) {
        switch try peekKind() {
        case .object:
            try enter()
            closers.append(0x7D)
        case .array:
            try enter()
            closers.append(0x5D)
        case .string: _ = try readStringToken()
        case .number: try skipNumber()
        case .bool: _ = try readBool()
        case .null: try readNull()
        }
    }
}

// MARK: - Tokens

extension JSONReader {
    private mutating func readStringToken() throws(JSONError) -> (content: Range<Int>, hasEscapes: Bool) {
        try expectKind(.string)
        let start = position + 1
        var index = start
        var hasEscapes = false
        while true {
            index = bytes.withUnsafeBytes { ByteScan.firstSpecial(in: $0, from: index) }
            guard index < bytes.count else { throw JSONError(.unexpectedEnd, at: bytes.count, "a string has no end") }
            switch bytes[index] {
            case 0x22:
                position = index + 1
                isAtFirst = false
                return (start..<index, hasEscapes)
            case 0x5C:
                hasEscapes = true
                index += try escapeLength(at: index)
            default:
                throw JSONError(.unexpectedByte, at: index, "a bare control character in a string")
            }
        }
    }

    private func escapeLength(at index: Int) throws(JSONError) -> Int {
        guard index + 1 < bytes.count else { throw JSONError(.unexpectedEnd, at: bytes.count, "a string has no end") }
        switch bytes[index + 1] {
        case 0x22, 0x5C, 0x2F, 0x62, 0x66, 0x6E, 0x72, 0x74: return 2
        case 0x75:
            guard index + 6 <= bytes.count else {
                throw JSONError(.unexpectedEnd, at: bytes.count, "a string has no end")
            }
            guard bytes[index + 2..<index + 6].allSatisfy({ JSONString.hexValue($0) != nil }) else {
                throw JSONError(.unexpectedByte, at: index, "a \\u escape without four hexadecimal digits")
            }
            return 6
        default: throw JSONError(.unexpectedByte, at: index, "an escape that JSON does not have")
        }
    }

    private mutating func skipNumber() throws(JSONError) {
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

    private mutating func skipWhitespace() {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x09, 0x0A, 0x0D: position += 1
            default: return
            }
        }
    }

    private mutating func expectKind(_ kind: Kind) throws(JSONError) {
        let found = try peekKind()
        guard found == kind else {
            throw JSONError(.wrongKind, at: position, "\(found) where \(kind) is expected")
        }
    }

    private func currentByte() throws(JSONError) -> UInt8 {
        guard position < bytes.count else { throw JSONError(.unexpectedEnd, at: position, "the text ends too early") }
        return bytes[position]
    }

    private func unexpectedByte(_ expected: String) -> JSONError {
        JSONError(.unexpectedByte, at: position, "\(expected) is expected")
    }

    private func withBytes<Result>(
        _ range: Range<Int>, _ body: (UnsafeRawBufferPointer) throws(JSONError) -> Result
    ) throws(JSONError) -> Result {
        try bytes.withUnsafeBufferPointer { buffer throws(JSONError) in
            try body(UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: buffer[range])))
        }
    }
}
