import JSONText
import KVModel

extension APIService {
    /// The bytes of a value.
    func getValue(_ request: APIRequest) async throws -> Reply {
        let namespace = try request.namespace
        try await store.expectNamespace(namespace)
        guard let record = try await store.record(try request.key, in: namespace) else {
            throw APIFault.keyNotFound(request.operation)
        }
        var reply = Reply(contentType: "application/octet-stream", body: record.value)
        if let expiration = record.expiration { reply.headers.append(("expiration", String(expiration))) }
        return reply
    }

    /// Writes a value, and with it what the key has of metadata and expiration.
    func putValue(_ request: APIRequest) async throws -> Reply {
        let namespace = try request.namespace
        try await store.expectNamespace(namespace)
        let key = try request.key
        let query = try request.query
        let expiration = try ExpirationRule.moment(
            expiration: query["expiration"], ttl: query["expiration_ttl"], now: now(), operation: request.operation)
        for warning in ExpirationRule.warnings(
            expiration: query["expiration"], ttl: query["expiration_ttl"], moment: expiration, now: now())
        { request.warnings.add(warning) }
        let (value, metadata) = try valueAndMetadata(request)
        guard value.count <= KVLimits.valueBytes else {
            throw APIFault(
                .payloadTooLarge, request.operation,
                "Value length of \(value.count) exceeds limit of \(KVLimits.valueBytes).")
        }
        let write = RecordWrite(key: key, value: value, metadata: metadata, expiration: expiration)
        try await store.write([write], in: namespace)
        return .null
    }

    /// Deletes a key; one that does not exist is gone already.
    func deleteValue(_ request: APIRequest) async throws -> Reply {
        let namespace = try request.namespace
        try await store.expectNamespace(namespace)
        try await store.delete([try request.key], in: namespace)
        return .null
    }

    /// The metadata of a key; `null` if it has none.
    func getMetadata(_ request: APIRequest) async throws -> Reply {
        let namespace = try request.namespace
        try await store.expectNamespace(namespace)
        guard let metadata = try await store.metadata(of: try request.key, in: namespace) else {
            throw APIFault.keyNotFound(request.operation)
        }
        return .result { $0 += metadata?.json ?? Array("null".utf8) }
    }

    /// The whole body is the value, unless it is a form.
    private func valueAndMetadata(_ request: APIRequest) throws(APIFault) -> ([UInt8], KVMetadata?) {
        guard let boundary = MultipartForm.boundary(of: request.headers["content-type"]) else {
            return (request.body, nil)
        }
        guard let form = MultipartForm(request.body, boundary: boundary) else {
            throw .malformed(request.operation, "could not read the multipart form")
        }
        for warning in form.warnings { request.warnings.add(warning) }
        guard let value = form.parts["value"] else {
            throw .malformed(request.operation, "the multipart form has no part named value")
        }
        let metadata: KVMetadata?
        do throws(JSONError) {
            metadata = try form.parts["metadata"].map { Array($0) }.flatMap { json throws(JSONError) in
                try KVMetadata(json: json)
            }
        } catch {
            throw APIFault(.invalidMetadata, request.operation, "metadata must be valid json")
        }
        try MetadataRule.check(metadata, operation: request.operation)
        return (Array(value), metadata)
    }
}

/// What metadata must be for the API to take it.
enum MetadataRule {
    /// Refuses metadata that is too long.
    static func check(_ metadata: KVMetadata?, operation: String, suffix: @autoclosure () -> String = "")
        throws(APIFault)
    {
        guard let metadata, metadata.isTooLong else { return }
        throw APIFault(
            .invalidMetadata, operation,
            "Metadata length of \(metadata.json.count) exceeds limit of \(KVLimits.metadataBytes).\(suffix())")
    }
}
