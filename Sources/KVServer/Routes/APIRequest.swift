import JSONText
import KVModel

/// A request that was admitted, with its whole body.
struct APIRequest: Sendable {
    /// The operation and the names in the path.
    var match: RouteMatch
    /// The request target.
    var target: RequestTarget
    /// The header fields.
    var headers: RequestHeaders
    /// The body.
    var body: [UInt8]

    /// What the API calls the operation.
    var operation: String { match.route.operation }
}

extension APIRequest {
    /// The id of the namespace in the path.
    var namespace: String {
        get throws(APIFault) {
            let id = match.namespace ?? ""
            guard NamespaceID.isWellFormed(id) else {
                throw APIFault(
                    .invalidNamespaceID,
                    message: "could not parse UUID from request's namespace_id: 'invalid namespace format: \(id)'")
            }
            return id
        }
    }

    /// The key in the path, decoded and checked.
    var key: KVKey {
        get throws(APIFault) {
            // Bytes outside of ASCII come percent-encoded: the HTTP parser refuses them bare.
            guard let bytes = RequestTarget.percentDecoded(match.encodedKey), let key = KVKey(utf8: bytes) else {
                throw APIFault(.illegalKey, operation, "Could not URL-decode key name")
            }
            try KeyRule.check(key, in: .path, operation: operation)
            return key
        }
    }

    /// The parameters of the query.
    var query: [String: String] {
        get throws(APIFault) {
            guard let parameters = target.queryParameters else {
                throw APIFault(.invalidRequest, operation, "Could not URL-decode the query")
            }
            return parameters
        }
    }

    /// Reads the body as JSON; whatever is wrong with it is the body's fault.
    func readJSON<Result>(
        _ code: APICode = .malformedBody, _ read: (inout JSONReader) throws -> Result
    ) throws -> Result {
        do {
            var reader = try JSONReader(body)
            let result = try read(&reader)
            try reader.finish()
            return result
        } catch let error as JSONError {
            throw APIFault(code, operation, "could not read the request body: \(error)")
        }
    }
}

extension JSONReader {
    /// Reads `true`, `false`, or `null` for `false`.
    mutating func readOptionalBool() throws(JSONError) -> Bool {
        guard try peekKind() == .null else { return try readBool() }
        try readNull()
        return false
    }
}
