import JSONText

/// A record as one line of canonical JSON: at the same time a line of an archive and a pair of a bulk write.
///
/// ```
/// {"key":"user:1","expiration":1893456000,"metadata":{"v":1.0},"base64":true,"value":"/9j/4A=="}
/// ```
///
/// Members stand in this order, `expiration`, `metadata` and `base64` only where they say something; there is no white
/// space outside strings; `key` and `value` are in canonical notation (`JSONString`); `base64` is there, and `true`,
/// exactly when the value is not UTF-8. So each record has one line only: two records are equal if and only if their
/// lines are. Jobs move lines, not records: what is only moved is not decoded.
public struct RecordLine: Hashable, Sendable {
    /// The record's key.
    public let key: KVKey
    /// When the record expires, if it does.
    public let expiration: UnixTime?
    /// Whether the record has metadata.
    public let hasMetadata: Bool
    /// Whether the value stands in base64, because it is not UTF-8.
    public let isBase64: Bool
    /// The length of the value itself, in bytes.
    public let valueBytes: Int
    /// The line, without a line feed.
    public let text: [UInt8]

    private let metadataRange: Range<Int>
    private let valueRange: Range<Int>

    /// Equal if and only if the texts are.
    public static func == (one: Self, other: Self) -> Bool { one.text == other.text }

    /// Hashes the text.
    public func hash(into hasher: inout Hasher) { hasher.combine(text) }

    /// The metadata, if there is any.
    public var metadata: KVMetadata? { hasMetadata ? KVMetadata(compact: Array(text[metadataRange])) : nil }

    /// The value's exact bytes.
    public var value: [UInt8] {
        let content = Array(text[valueRange])
        if isBase64 { return Base64Text.decode(content) ?? [] }
        guard content.contains(0x5C) else { return content }
        // The range is a string token that was well-formed when this line was made.
        var quoted: [UInt8] = [0x22]
        quoted += content
        quoted.append(0x22)
        do throws(JSONError) {
            var reader = try JSONReader(quoted)
            return try reader.readString()
        } catch {
            preconditionFailure("a record line held a value that is not a string: \(error)")
        }
    }

    /// The record in full.
    public var record: KVRecord { KVRecord(key: key, value: value, metadata: metadata, expiration: expiration) }
}

// MARK: - From a record

extension RecordLine {
    /// Writes a record as a line.
    public init(_ record: KVRecord) {
        var text: [UInt8] = []
        text.reserveCapacity(record.key.utf8.count + record.value.count + (record.metadata?.json.count ?? 0) + 80)
        text += Array("{\"key\":".utf8)
        JSONString.append(record.key.utf8, to: &text)
        if let expiration = record.expiration {
            text += Array(",\"expiration\":\(expiration.seconds)".utf8)
        }
        var metadataRange = 0..<0
        if let metadata = record.metadata {
            text += Array(",\"metadata\":".utf8)
            metadataRange = text.count..<text.count + metadata.json.count
            text += metadata.json
        }
        isBase64 = !UTF8Text.isValid(record.value)
        text += Array((isBase64 ? ",\"base64\":true,\"value\":" : ",\"value\":").utf8)
        let valueStart = text.count + 1
        if isBase64 {
            text.append(0x22)
            text += Base64Text.encode(record.value)
            text.append(0x22)
        } else {
            JSONString.append(record.value, to: &text)
        }
        valueRange = valueStart..<text.count - 1
        text.append(0x7D)

        key = record.key
        expiration = record.expiration
        hasMetadata = record.metadata != nil
        valueBytes = record.value.count
        self.metadataRange = metadataRange
        self.text = text
    }
}

// MARK: - From a line

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
            var reader = try JSONReader(line)
            let parts = try Parts(&reader)
            try self.init(parts, of: line)
        } catch {
            throw Fault(error.description)
        }
    }

    private init(_ parts: Parts, of line: [UInt8]) throws(JSONError) {
        key = parts.key
        expiration = parts.expiration
        hasMetadata = parts.metadata != nil
        metadataRange = parts.metadata ?? 0..<0
        isBase64 = parts.isBase64
        valueRange = parts.value
        valueBytes = parts.valueBytes
        text = line
    }

    /// What a walk over a line finds.
    private struct Parts {
        var key: KVKey
        var expiration: UnixTime?
        var metadata: Range<Int>?
        var isBase64 = false
        var value = 0..<0
        var valueBytes = 0

        init(_ reader: inout JSONReader) throws(JSONError) {
            try reader.beginObject()
            try Self.expect(try reader.nextMember() == "key", "the first member is not \"key\"", reader)
            guard let token = try reader.readCanonicalStringToken() else {
                throw Self.fault("the key is not in canonical notation", reader)
            }
            key = KVKey(validUTF8: try reader.decodeString(token))
            if let problem = key.problem { throw Self.fault(problem.description, reader) }
            try readRest(&reader)
        }

        private mutating func readRest(_ reader: inout JSONReader) throws(JSONError) {
            var name = try reader.nextMember()
            if name == "expiration" {
                expiration = try Self.readExpiration(&reader)
                name = try reader.nextMember()
            }
            if name == "metadata" {
                metadata = try Self.readMetadata(&reader)
                name = try reader.nextMember()
            }
            if name == "base64" {
                isBase64 = try reader.readBool()
                try Self.expect(isBase64, "\"base64\" is false; it is left out instead", reader)
                name = try reader.nextMember()
            }
            try Self.expect(name == "value", "a member is missing, unknown, double or out of order", reader)
            try readValue(&reader)
            try Self.expect(try reader.nextMember() == nil, "a member follows \"value\"", reader)
            try reader.finish()
            try checkNoWhitespace(reader)
        }

        private static func readExpiration(_ reader: inout JSONReader) throws(JSONError) -> UnixTime {
            let range = try reader.readRaw()
            let digits = String(decoding: reader.bytes[range], as: UTF8.self)
            guard let seconds = Int64(digits), seconds > 0, String(seconds) == digits else {
                throw fault("the expiration is not a positive whole number of seconds", reader)
            }
            return UnixTime(seconds: seconds)
        }

        private static func readMetadata(_ reader: inout JSONReader) throws(JSONError) -> Range<Int> {
            let range = try reader.readRaw()
            try expect(range.count <= metadataBytesMaximum, "the metadata is longer than KV allows", reader)
            let text = Array(reader.bytes[range])
            try expect(text != KVMetadata.null, "the metadata is null; it is left out instead", reader)
            try expect(CompactJSON.isCompact(text), "the metadata has white space outside strings", reader)
            return range
        }

        private mutating func readValue(_ reader: inout JSONReader) throws(JSONError) {
            guard let token = try reader.readCanonicalStringToken() else {
                throw Self.fault("the value is not in canonical notation", reader)
            }
            value = token.content
            if isBase64 {
                guard !token.hasEscapes, let bytes = Base64Text.decode(Array(reader.bytes[value])) else {
                    throw Self.fault("the value is not base64", reader)
                }
                try Self.expect(!UTF8Text.isValid(bytes), "the value is base64 though it is text", reader)
                valueBytes = bytes.count
            } else {
                // A canonical string names no surrogates, so that it can always be decoded.
                valueBytes = token.hasEscapes ? try reader.decodeString(token).count : value.count
            }
            try Self.expect(valueBytes <= KVLimits.valueBytes, "the value is longer than 25 MiB", reader)
        }

        /// Members and punctuation take a known number of bytes; one more is white space or an escaped name.
        private func checkNoWhitespace(_ reader: JSONReader) throws(JSONError) {
            var keyText: [UInt8] = []
            JSONString.append(key.utf8, to: &keyText)
            var count = "{\"key\":,\"value\":\"\"}".utf8.count + keyText.count + value.count
            if let expiration { count += ",\"expiration\":\(expiration)".utf8.count }
            if let metadata { count += ",\"metadata\":".utf8.count + metadata.count }
            if isBase64 { count += ",\"base64\":true".utf8.count }
            try Self.expect(count == reader.bytes.count, "the line has white space or escaped member names", reader)
        }

        private static func expect(
            _ condition: Bool, _ message: String, _ reader: JSONReader
        ) throws(JSONError) {
            if !condition { throw fault(message, reader) }
        }

        private static func fault(_ message: String, _ reader: JSONReader) -> JSONError {
            JSONError(.unexpectedByte, at: reader.position, message)
        }
    }
}
