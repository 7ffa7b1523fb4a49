import JSONText

/// Where the members of a record line stand, found in one pass over bytes that are not copied.
///
/// It knows the lines that writers of archives make. What it does not know at once it leaves to
/// ``RecordLine/init(parsing:)``, which also says what is wrong with a line; what it does know it judges as that does.
package struct RecordOutline {
    /// Where the key's content stands, without quotes.
    package private(set) var key = 0..<0
    /// Whether the key's content has escapes, and so is not the key itself.
    package private(set) var isKeyEscaped = false
    /// When the record expires, if it does.
    package private(set) var expiration: UnixTime?
    /// Where the metadata stands, if there is any.
    package private(set) var metadata: Range<Int>?
    /// Whether the value stands in base64.
    package private(set) var isBase64 = false
    /// Where the value's content stands, without quotes.
    package private(set) var value = 0..<0
    /// The length of the value itself, in bytes.
    package private(set) var valueBytes = 0
    /// Where the line ends: behind its last brace.
    package private(set) var end = 0

    /// Finds the members of the line that starts at an offset; `nil` if it is not one, or takes a closer look.
    ///
    /// - Parameters:
    ///   - bytes: Lines, each with a line feed at its end.
    ///   - start: Where the line starts.
    package init?(_ bytes: UnsafeRawBufferPointer, from start: Int) {
        var cursor = ByteCursor(bytes, from: start)
        guard cursor.skip("{\"key\":\""), readKey(&cursor) else { return nil }
        if cursor.skip(",\"expiration\":"), !readExpiration(&cursor) { return nil }
        if cursor.skip(",\"metadata\":"), !readMetadata(&cursor) { return nil }
        isBase64 = cursor.skip(",\"base64\":true")
        guard cursor.skip(",\"value\":\""), readValue(&cursor), cursor.skip("}"), cursor.isAtLineFeed else {
            return nil
        }
        end = cursor.position
        let line = UnsafeRawBufferPointer(rebasing: bytes[start..<end])
        guard UTF8Text.isValid(line), !isBase64 || hasNoText(line, at: start) else { return nil }
    }

    private mutating func readKey(_ cursor: inout ByteCursor) -> Bool {
        let start = cursor.position
        guard let decodedBytes = cursor.skipCanonicalContent(), (1...KVLimits.keyBytes).contains(decodedBytes) else {
            return false
        }
        key = start..<cursor.position - 1
        isKeyEscaped = decodedBytes != key.count
        // The keys "." and ".." are none.
        return decodedBytes > 2 || !cursor.bytes[key].allSatisfy { $0 == 0x2E }
    }

    private mutating func readExpiration(_ cursor: inout ByteCursor) -> Bool {
        guard let seconds = cursor.readDigits(), seconds > 0 else { return false }
        expiration = UnixTime(seconds: seconds)
        return true
    }

    /// The grammar of metadata is the reader's matter; here only its end is looked for, if it is an object or a scalar.
    private mutating func readMetadata(_ cursor: inout ByteCursor) -> Bool {
        guard let range = cursor.skipCompactJSON(maximumBytes: RecordLine.metadataBytesMaximum) else { return false }
        metadata = range
        return range.count != 4 || !cursor.bytes[range].elementsEqual(KVMetadata.null)
    }

    private mutating func readValue(_ cursor: inout ByteCursor) -> Bool {
        let start = cursor.position
        guard let decodedBytes = cursor.skipCanonicalContent() else { return false }
        value = start..<cursor.position - 1
        valueBytes = decodedBytes
        return valueBytes <= KVLimits.valueBytes
    }

    /// Measures a value in base64, which must be bytes that are not text.
    private mutating func hasNoText(_ line: UnsafeRawBufferPointer, at start: Int) -> Bool {
        let content = line[value.lowerBound - start..<value.upperBound - start]
        guard let bytes = Base64Text.decode(Array(content)), !UTF8Text.isValid(bytes) else { return false }
        valueBytes = bytes.count
        return valueBytes <= KVLimits.valueBytes
    }
}

extension RecordLine {
    /// Takes a line out of bytes in which it has been found.
    ///
    /// - Parameters:
    ///   - outline: Where its members stand.
    ///   - bytes: The bytes that the outline is of.
    ///   - start: Where the line starts.
    package init(_ outline: RecordOutline, in bytes: UnsafeRawBufferPointer, from start: Int) {
        key = outline.key(in: bytes)
        expiration = outline.expiration
        hasMetadata = outline.metadata != nil
        metadataRange = outline.metadata.map { $0.lowerBound - start..<$0.upperBound - start } ?? 0..<0
        isBase64 = outline.isBase64
        valueRange = outline.value.lowerBound - start..<outline.value.upperBound - start
        valueBytes = outline.valueBytes
        text = Array(bytes[start..<outline.end])
    }
}

extension RecordOutline {
    /// The key.
    package func key(in bytes: UnsafeRawBufferPointer) -> KVKey {
        let content = Array(bytes[key])
        guard isKeyEscaped else { return KVKey(validUTF8: content) }
        do throws(JSONError) {
            return KVKey(validUTF8: try JSONString.decode(content[...]))
        } catch {
            preconditionFailure("canonical content could not be decoded: \(error)")
        }
    }
}
