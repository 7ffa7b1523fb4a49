package import JSONText

/// The answer to a bulk get.
public struct BulkGetResult: Hashable, Sendable {
    /// The records that were found.
    public var records: [KVKey: KVRecord] = [:]
    /// The keys for which the answer held a value but neither metadata nor expiration, because the server does not know
    /// `withMetadata` or was not asked for it.
    ///
    /// What their records say about the two is not known.
    public var keysWithoutDetails: Set<KVKey> = []
    /// The keys whose metadata the answer did not mention, not even as null.
    ///
    /// The API reference wants it mentioned; servers differ.
    public var keysWithoutMetadata: Set<KVKey> = []

    /// An empty answer.
    public init() {}

    /// The record of a key, or `nil` when the answer did not have it: the API gives null for a key that does not exist.
    public subscript(key: KVKey) -> KVRecord? { records[key] }

    /// Reads a result before which the reader stands, in the form in which it was asked for.
    package init(_ reader: inout JSONReader, form: BulkValueForm, withMetadata: Bool) throws(JSONFault) {
        var hasValues = false
        try reader.beginObject()
        while let name = try reader.nextMember() {
            if name == "values" {
                hasValues = true
                try readValues(&reader, form, withMetadata)
            } else {
                try reader.skipValue()
            }
        }
        guard hasValues else { throw JSONFault(.wrongKind, at: reader.position, "a result without \"values\"") }
    }

    private mutating func readValues(
        _ reader: inout JSONReader, _ form: BulkValueForm, _ withMetadata: Bool
    ) throws(JSONFault) {
        // An answer that says two things about a key is not to be believed for either.
        var seen: Set<KVKey> = []
        try reader.beginObject()
        while let name = try reader.nextMember() {
            let key = KVKey(name.text)
            guard seen.insert(key).inserted else {
                throw JSONFault(.wrongKind, at: reader.position, "key \(key) twice")
            }
            let kind = try reader.peekKind()
            if kind == .null, withMetadata || form == .text {
                try reader.readNull()
            } else if withMetadata, kind == .object {
                records[key] = try readDetailed(&reader, key, form)
            } else {
                records[key] = KVRecord(key: key, value: try form.read(&reader))
                keysWithoutDetails.insert(key)
            }
        }
    }

    /// Reads `{value, metadata, expiration}`; a null value is a key that vanished meanwhile.
    private mutating func readDetailed(
        _ reader: inout JSONReader, _ key: KVKey, _ form: BulkValueForm
    ) throws(JSONFault) -> KVRecord? {
        var value: [UInt8]?
        var metadata: KVMetadata?
        var expiration: UnixTime?
        var mentionsMetadata = false
        try reader.beginObject()
        while let name = try reader.nextMember() {
            switch name {
            case "value":
                if form == .text, try reader.peekKind() == .null {
                    try reader.readNull()
                } else {
                    value = try form.read(&reader)
                }
            case "metadata":
                metadata = try reader.readMetadata()
                mentionsMetadata = true
            case "expiration": expiration = try reader.readExpiration()
            default: try reader.skipValue()
            }
        }
        if !mentionsMetadata { keysWithoutMetadata.insert(key) }
        return value.map { KVRecord(key: key, value: $0, metadata: metadata, expiration: expiration) }
    }
}

/// In which form a bulk get gives values.
public enum BulkValueForm: String, Hashable, Sendable {
    /// As text: the record's value is the exact bytes.
    case text
    /// As JSON: the record's value is the JSON text that the server sent, which need not be the text that was stored.
    case json

    func read(_ reader: inout JSONReader) throws(JSONFault) -> [UInt8] {
        switch self {
        case .text: return try reader.readString()
        case .json:
            let range = try reader.readRaw()
            return Array(reader.bytes[range])
        }
    }
}
