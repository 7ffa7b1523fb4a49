import JSONText

extension RecordLine {
    /// The same value under another key or with other details; the value is taken over as it stands, not decoded.
    ///
    /// - Parameters:
    ///   - key: The key.
    ///   - metadata: The metadata, if it has any.
    ///   - expiration: When it expires, if it does.
    /// - Returns: The line of such a record.
    package func with(key: KVKey, metadata: KVMetadata?, expiration: UnixTime?) -> RecordLine {
        let tailStart = valueRange.lowerBound - Self.beforeValue(isBase64: isBase64).count
        var head: [UInt8] = []
        head.reserveCapacity(text.count - tailStart + key.utf8.count + (metadata?.json.count ?? 0) + 48)
        let metadataRange = Self.appendHead(key, metadata, expiration, to: &head)
        let shift = head.count - tailStart
        head += text[tailStart...]
        return RecordLine(
            key: key, expiration: expiration, hasMetadata: metadata != nil, isBase64: isBase64, valueBytes: valueBytes,
            text: head, metadataRange: metadataRange,
            valueRange: valueRange.lowerBound + shift..<valueRange.upperBound + shift)
    }

    /// Writes all that stands before the value's members; where the metadata stands.
    static func appendHead(
        _ key: KVKey, _ metadata: KVMetadata?, _ expiration: UnixTime?, to text: inout [UInt8]
    ) -> Range<Int> {
        text += "{\"key\":".utf8
        JSONString.append(key.utf8, to: &text)
        if let expiration {
            text += ",\"expiration\":".utf8
            text += String(expiration.seconds).utf8
        }
        guard let metadata else { return 0..<0 }
        text += ",\"metadata\":".utf8
        let start = text.count
        text += metadata.json
        return start..<text.count
    }

    /// What stands between the details and the value's content.
    static func beforeValue(isBase64: Bool) -> String.UTF8View {
        (isBase64 ? ",\"base64\":true,\"value\":\"" : ",\"value\":\"").utf8
    }
}
