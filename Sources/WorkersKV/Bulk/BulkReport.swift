package import JSONText

/// What became of a bulk write or a bulk delete.
public struct BulkReport: Hashable, Sendable {
    /// How many keys reached all of the storage, where the API says it.
    public var successfulKeyCount: Int?
    /// The keys that did not, to be sent again; there may be some in an answer that is a success.
    ///
    /// An answer with status 200 that reports a failure, and names the keys it is about, is read as a report too.
    public var unsuccessfulKeys: [KVKey]

    /// Puts a report together.
    public init(successfulKeyCount: Int? = nil, unsuccessfulKeys: [KVKey] = []) {
        self.successfulKeyCount = successfulKeyCount
        self.unsuccessfulKeys = unsuccessfulKeys
    }

    /// Reads a result; older servers answer with null.
    package init(_ result: JSONReader?) throws(JSONFault) {
        self.init()
        guard var reader = result, try reader.peekKind() == .object else { return }
        try reader.beginObject()
        while let name = try reader.nextMember() {
            switch name {
            case "successful_key_count":
                successfulKeyCount = try reader.readOptionalInteger().flatMap { Int(exactly: $0) }
            case "unsuccessful_keys" where try reader.peekKind() == .array:
                try reader.beginArray()
                while try reader.nextElement() {
                    guard let key = KVKey(utf8: try reader.readString()) else { continue }
                    unsuccessfulKeys.append(key)
                }
            default: try reader.skipValue()
            }
        }
    }
}
