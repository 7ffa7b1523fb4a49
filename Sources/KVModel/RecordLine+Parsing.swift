import JSONText

extension RecordLine {
    /// Why a text is not a record line.
    public struct Fault: Error, Hashable, Sendable, CustomStringConvertible {
        /// What is wrong.
        public let description: String

        init(_ description: String) { self.description = description }
    }

    /// The longest metadata a line may hold, in bytes.
    ///
    /// The API counts 1024 bytes of its own notation; the factor leaves
    /// room for a server that escapes every character (`\u00e9` for `é`).
    public static let metadataBytesMaximum = 16 * KVLimits.metadataBytes

    /// The longest line: a value of 25 MiB in which every byte is escaped, and all else at its longest.
    public static let bytesMaximum = 6 * KVLimits.valueBytes + 6 * KVLimits.keyBytes + metadataBytesMaximum + 256

    /// Reads a line and checks that it is the one canonical line of a record that KV can hold.
    ///
    /// - Parameter line: The line without its line feed.
    /// - Throws: A ``Fault`` that says what is not as it should be: the grammar, the canonical form, or a limit.
    public init(parsing line: [UInt8]) throws(Fault) {
        do throws(JSONError) {
            // The line is one level around the metadata, which may be as deep as any text.
            var reader = try JSONReader(line, maximumDepth: JSONReader.defaultMaximumDepth + 1)
            let parts = try Parts(&reader)
            self.init(parts, of: line)
        } catch {
            throw Fault(error.description)
        }
    }

    private init(_ parts: Parts, of line: [UInt8]) {
        key = parts.key
        expiration = parts.expiration
        hasMetadata = parts.metadata != nil
        metadataRange = parts.metadata ?? 0..<0
        isBase64 = parts.isBase64
        valueRange = parts.value
        valueBytes = parts.valueBytes
        text = line
    }
}

/// What a walk over a line finds.
private struct Parts {
    var key: KVKey
    var expiration: UnixTime?
    var metadata: Range<Int>?
    var isBase64 = false
    var value = 0..<0
    var valueBytes = 0
    /// How long the line is when it holds only what was found.
    private var lineBytes = 0

    init(_ reader: inout JSONReader) throws(JSONError) {
        try reader.beginObject()
        guard try reader.nextMember() == "key" else { throw fault("the first member is not \"key\"", reader) }
        guard let (content, decodedBytes) = try reader.readCanonicalString() else {
            throw fault("the key is not in canonical notation", reader)
        }
        key = KVKey(validUTF8: try reader.decodeString((content, decodedBytes != content.count)))
        if let problem = key.problem { throw fault(problem.description, reader) }
        lineBytes = "{\"key\":\"\"".utf8.count + content.count
        try readRest(&reader)
    }

    private mutating func readRest(_ reader: inout JSONReader) throws(JSONError) {
        var name = try reader.nextMember()
        if name == "expiration" {
            try readExpiration(&reader)
            name = try reader.nextMember()
        }
        if name == "metadata" {
            try readMetadata(&reader)
            name = try reader.nextMember()
        }
        if name == "base64" {
            try readBase64(&reader)
            name = try reader.nextMember()
        }
        guard name == "value" else { throw fault("a member is missing, unknown, double or out of order", reader) }
        try readValue(&reader)
        guard try reader.nextMember() == nil else { throw fault("a member follows \"value\"", reader) }
        try reader.finish()
        guard reader.whitespaceBytes == 0 else { throw fault("the line has white space outside strings", reader) }
        // Members and punctuation take a known number of bytes; all that is left to make more is an escape in a name.
        guard reader.bytes.count == lineBytes + 1 else { throw fault("a member's name is escaped", reader) }
    }

    private mutating func readExpiration(_ reader: inout JSONReader) throws(JSONError) {
        let range = try reader.readRaw()
        let digits = String(decoding: reader.bytes[range], as: UTF8.self)
        guard let seconds = Int64(digits), seconds > 0, String(seconds) == digits else {
            throw fault("the expiration is not a positive whole number of seconds", reader)
        }
        expiration = UnixTime(seconds: seconds)
        lineBytes += ",\"expiration\":".utf8.count + range.count
    }

    private mutating func readMetadata(_ reader: inout JSONReader) throws(JSONError) {
        let range = try reader.readRaw()
        guard range.count <= RecordLine.metadataBytesMaximum else {
            throw fault("the metadata is longer than KV allows", reader)
        }
        guard !reader.bytes[range].elementsEqual(KVMetadata.null) else {
            throw fault("the metadata is null; it is left out instead", reader)
        }
        metadata = range
        lineBytes += ",\"metadata\":".utf8.count + range.count
    }

    private mutating func readBase64(_ reader: inout JSONReader) throws(JSONError) {
        isBase64 = try reader.readBool()
        guard isBase64 else { throw fault("\"base64\" is false; it is left out instead", reader) }
        lineBytes += ",\"base64\":true".utf8.count
    }

    private mutating func readValue(_ reader: inout JSONReader) throws(JSONError) {
        guard let (content, decodedBytes) = try reader.readCanonicalString() else {
            throw fault("the value is not in canonical notation", reader)
        }
        value = content
        valueBytes = decodedBytes
        if isBase64 {
            guard let bytes = Base64Text.decode(Array(reader.bytes[content])) else {
                throw fault("the value is not base64", reader)
            }
            guard !UTF8Text.isValid(bytes) else { throw fault("the value is base64 though it is text", reader) }
            valueBytes = bytes.count
        }
        guard valueBytes <= KVLimits.valueBytes else { throw fault("the value is longer than 25 MiB", reader) }
        lineBytes += ",\"value\":\"\"".utf8.count + content.count
    }
}

private func fault(_ message: String, _ reader: JSONReader) -> JSONError {
    JSONError(.unexpectedByte, at: reader.position, message)
}
