/// A value as the API gives it for one key.
public struct StoredValue: Hashable, Sendable {
    /// The exact bytes; none is a value too.
    public var bytes: [UInt8]
    /// When the key goes away, if the answer said so.
    public var expiration: UnixTime?

    /// Puts a value together.
    public init(bytes: [UInt8], expiration: UnixTime? = nil) {
        self.bytes = bytes
        self.expiration = expiration
    }

    /// The value as text, or `nil` if it is not UTF-8.
    public var text: String? { String(validating: bytes, as: UTF8.self) }
}

/// When a key that is written goes away.
public enum Expiration: Hashable, Sendable {
    /// At a moment at least 60 seconds ahead.
    case at(UnixTime)
    /// So many seconds after the API has taken the write, at least 60.
    case after(seconds: Int64)
}
