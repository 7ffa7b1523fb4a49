public import JSONText

/// The JSON that belongs to a key, as text.
///
/// Metadata may be JSON of any type. It is never decoded, so that `1.0`, `1e400`, `9007199254740993`, duplicate members
/// and the order of members come back as they were written. White space outside strings is removed, because the API
/// counts and returns compact text. `null` is no metadata: represent it as the absence of a `KVMetadata`.
public struct KVMetadata: Hashable, Sendable {
    /// Compact JSON text in UTF-8, never `null`.
    public let json: [UInt8]

    /// Takes over a JSON text; `nil` when the text is `null`.
    ///
    /// - Parameter text: One JSON value.
    /// - Throws: A `JSONError` when the text is not one JSON value.
    public init?(json text: [UInt8]) throws(JSONError) {
        let compact = try CompactJSON.text(of: text)
        if compact == Self.null { return nil }
        json = compact
    }

    /// Takes over a JSON text.
    public init?(json text: String) throws(JSONError) { try self.init(json: Array(text.utf8)) }

    /// Takes over text already known to be one compact JSON value other than `null`.
    package init(compact: [UInt8]) { json = compact }

    /// The JSON text as a string.
    public var text: String { String(decoding: json, as: UTF8.self) }

    /// Whether the API would refuse this metadata for its length (limits page: 1024 bytes of compact JSON).
    public var isTooLong: Bool { json.count > KVLimits.metadataBytes }

    package static let null = Array("null".utf8)
}

extension KVMetadata: CustomStringConvertible {
    /// The JSON text.
    public var description: String { text }
}
