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
    /// What is found to have no effect.
    let warnings = RequestWarnings()

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

    /// Notes parameters of the query that the operation does not read.
    func checkParameters() {
        guard !target.query.isEmpty else { return }
        for name in target.repeatedParameters {
            warnings.add(
                RequestWarning(
                    .repeatedParameter,
                    "the parameter \(RequestWarning.quoted(name)) stands there twice, and the first counts"))
        }
        for name in (target.queryParameters ?? [:]).keys.sorted() where !match.route.parameters.contains(name) {
            warnings.add(
                RequestWarning(.unreadParameter, "nothing reads the parameter \(RequestWarning.quoted(name))"))
        }
    }

    /// Passes over a member of the body that the operation does not know, and notes it.
    func skipMember(_ name: JSONName, _ reader: inout JSONReader) throws(JSONError) {
        warnings.add(RequestWarning(.unreadMember, "nothing reads the member \(RequestWarning.quoted(name.text))"))
        try reader.skipValue()
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
            let path = JSONPath.text(of: error.offset, in: body)
            throw APIFault(
                code, operation, "could not read the request body: \(path.isEmpty ? "" : "\(path): ")\(error)")
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

    /// Reads a text, or `null` for none.
    mutating func readOptionalString() throws(JSONError) -> String? {
        guard try peekKind() == .null else { return String(decoding: try readString(), as: UTF8.self) }
        try readNull()
        return nil
    }
}
