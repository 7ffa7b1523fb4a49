/// All that KV knows about one key.
public struct KVRecord: Hashable, Sendable {
    /// The name.
    public var key: KVKey
    /// The value's exact bytes; none is a value too.
    public var value: [UInt8]
    /// The metadata, if the key has any.
    public var metadata: KVMetadata?
    /// When the key goes away, if it does.
    public var expiration: UnixTime?

    /// Puts a record together.
    public init(key: KVKey, value: [UInt8], metadata: KVMetadata? = nil, expiration: UnixTime? = nil) {
        self.key = key
        self.value = value
        self.metadata = metadata
        self.expiration = expiration
    }

    /// Puts a record with a text value together.
    public init(key: KVKey, text: String, metadata: KVMetadata? = nil, expiration: UnixTime? = nil) {
        self.init(key: key, value: Array(text.utf8), metadata: metadata, expiration: expiration)
    }
}
