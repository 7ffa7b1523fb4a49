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
    public internal(set) var position = 0
    /// How many bytes of white space the reader has passed over; none at the end means that the text is compact.
    public private(set) var whitespaceBytes = 0
    /// How deep arrays and objects may be nested.
    public let maximumDepth: Int

    /// How deep arrays and objects may be nested when the caller does not say.
    public static let defaultMaximumDepth = 1024

    private var depth = 0
    /// Whether the container entered last has given no member or element yet.
    var isAtFirst = false

    /// Starts to read a text.
    ///
    /// - Parameters:
    ///   - bytes: One JSON value, with white space around it or not.
    ///   - maximumDepth: How deep arrays and objects may be nested before the reader refuses to go on.
    /// - Throws: `invalidUTF8`. A byte order mark is UTF-8, but no JSON: the first read refuses it.
    public init(_ bytes: [UInt8], maximumDepth: Int = defaultMaximumDepth) throws(JSONError) {
        if let offset = UTF8Text.firstFault(in: bytes) {
            throw JSONError(.invalidUTF8, at: offset, "the text is not UTF-8")
        }
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
        let token = try readMemberName()
        guard token.hasEscapes else { return JSONName(String(decoding: bytes[token.content], as: UTF8.self)) }
        return JSONName(String(decoding: try decodeString(token), as: UTF8.self))
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
                if closer == 0x7D { _ = try readMemberName() }
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

    /// Passes over a member's name and the colon after it.
    private mutating func readMemberName() throws(JSONError) -> (content: Range<Int>, hasEscapes: Bool) {
        guard try currentByte() == 0x22 else { throw unexpectedByte("a member's name") }
        let token = try readStringToken()
        skipWhitespace()
        guard try currentByte() == 0x3A else { throw unexpectedByte("a colon") }
        position += 1
        return token
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

// MARK: - Bytes

extension JSONReader {
    mutating func skipWhitespace() {
        let start = position
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x09, 0x0A, 0x0D: position += 1
            default:
                whitespaceBytes += position - start
                return
            }
        }
        whitespaceBytes += position - start
    }

    mutating func expectKind(_ kind: Kind) throws(JSONError) {
        let found = try peekKind()
        guard found == kind else {
            throw JSONError(.wrongKind, at: position, "\(found) where \(kind) is expected")
        }
    }

    func currentByte() throws(JSONError) -> UInt8 {
        guard position < bytes.count else { throw JSONError(.unexpectedEnd, at: position, "the text ends too early") }
        return bytes[position]
    }

    func unexpectedByte(_ expected: String) -> JSONError {
        JSONError(.unexpectedByte, at: position, "\(expected) is expected")
    }
}
