import KVModel

/// What a key must be for the API to take it.
enum KeyRule {
    /// Where a key stands, which decides the HTTP status of a key that is too long.
    enum Place {
        case path, body
    }

    /// Refuses a key that KV does not allow.
    static func check(_ key: KVKey, in place: Place, operation: String) throws(APIFault) {
        switch key.problem {
        case nil: return
        case .empty:
            throw APIFault(.illegalKey, operation, "Key name cannot be empty.")
        case .dots:
            throw APIFault(.illegalKey, operation, "\"\(key.string)\" is not allowed as a key name.")
        case .tooLong(let bytes):
            let name = place == .body ? " Key: \(abbreviated(key))" : ""
            throw APIFault(
                .keyTooLong, status: place == .path ? 414 : 400, operation,
                "UTF-8 encoded length of \(bytes) exceeds key length limit of \(KVLimits.keyBytes).\(name)")
        }
    }

    /// A key for a message: quoted, escaped, and not longer than a line.
    static func abbreviated(_ key: KVKey) -> String {
        let scalars = key.string.unicodeScalars
        guard scalars.count > 64 else { return key.description }
        return KVKey(String(String.UnicodeScalarView(scalars.prefix(64))) + "…").description
    }
}
