package import JSONText

/// A key as a list gives it: without the value.
public struct ListedKey: Hashable, Sendable {
    /// The name.
    public var key: KVKey
    /// When the key goes away, if it does.
    public var expiration: UnixTime?
    /// The metadata, if the key has any.
    public var metadata: KVMetadata?

    /// Puts a listed key together.
    public init(key: KVKey, expiration: UnixTime? = nil, metadata: KVMetadata? = nil) {
        self.key = key
        self.expiration = expiration
        self.metadata = metadata
    }

    package init(_ reader: inout JSONReader) throws(JSONFault) {
        var key: KVKey?
        try reader.beginObject()
        while let name = try reader.nextMember() {
            switch name {
            case "name": key = KVKey(utf8: try reader.readString())
            case "expiration": expiration = try reader.readExpiration()
            case "metadata": metadata = try reader.readMetadata()
            default: try reader.skipValue()
            }
        }
        guard let key else { throw JSONFault(.wrongKind, at: reader.position, "a listed key without a name") }
        self.key = key
    }
}

extension JSONReader {
    /// Reads an expiration in seconds; `null` and 0 are none.
    mutating func readExpiration() throws(JSONFault) -> UnixTime? {
        if try peekKind() == .null {
            try readNull()
            return nil
        }
        guard let seconds = try readInteger() else {
            throw JSONFault(.wrongKind, at: position, "an expiration that is not a whole number of seconds")
        }
        return seconds > 0 ? UnixTime(seconds: seconds) : nil
    }
}
