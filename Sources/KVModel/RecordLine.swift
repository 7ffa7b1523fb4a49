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

    let metadataRange: Range<Int>
    let valueRange: Range<Int>

    /// Equal if and only if the texts are.
    public static func == (one: Self, other: Self) -> Bool { one.text == other.text }

    /// Hashes the text.
    public func hash(into hasher: inout Hasher) { hasher.combine(text) }

    /// The metadata, if there is any.
    public var metadata: KVMetadata? { hasMetadata ? KVMetadata(compact: Array(text[metadataRange])) : nil }

    /// The length of the metadata's compact JSON text, in bytes; 0 where there is none.
    public var metadataBytes: Int { metadataRange.count }

    /// The value as it stands in the line, between the quotes: with escapes, or in base64.
    package var valueContent: ArraySlice<UInt8> { text[valueRange] }

    /// The value's exact bytes.
    public var value: [UInt8] {
        let content = text[valueRange]
        if isBase64 {
            guard let bytes = Base64Text.decode(Array(content)) else {
                preconditionFailure("a record line held a value that is not base64")
            }
            return bytes
        }
        // Every escape of canonical notation is longer than the byte it stands for.
        guard content.count != valueBytes else { return Array(content) }
        do throws(JSONError) {
            return try JSONString.decode(content)
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
        let metadataRange = Self.appendHead(record.key, record.metadata, record.expiration, to: &text)
        isBase64 = !UTF8Text.isValid(record.value)
        text += Self.beforeValue(isBase64: isBase64)
        let valueStart = text.count
        if isBase64 {
            text += Base64Text.encode(record.value)
            text.append(0x22)
        } else {
            // Writes both quotes.
            text.removeLast()
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
