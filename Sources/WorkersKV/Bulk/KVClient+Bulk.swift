import JSONText

extension KVClient {
    /// Reads up to 100 values with their metadata and expirations in one request.
    ///
    /// The cheapest way to read. It works for text only: if one of the values is not UTF-8, the API refuses the whole
    /// request (`nonTextValue`) without saying which; read such keys one by one with ``value(of:in:)``. An answer holds
    /// at most 25 MiB of values (`tooLarge`).
    ///
    /// - Parameters:
    ///   - keys: At most 100 keys; duplicates count once. With none, no request is made.
    ///   - namespace: The namespace.
    ///   - form: Whether the server gives values as text or as JSON.
    ///   - withMetadata: Whether the answer holds metadata and expirations too.
    /// - Returns: The records that exist.
    /// - Throws: ``KVError`` with `nonTextValue`, `tooLarge` or `namespaceNotFound` among others; `CancellationError`.
    public func bulkGet(
        _ keys: [KVKey], in namespace: NamespaceID, as form: BulkValueForm = .text, withMetadata: Bool = true
    ) async throws -> BulkGetResult {
        for key in keys { try Self.checkName(key) }
        if keys.isEmpty { return BulkGetResult() }
        var request = request(
            .bulkGet, .post, "\(Self.path(namespace))/bulk/get", "\(keys.count) values of namespace \(namespace)")
        request.setJSON(
            keys: keys, prefix: "{\"keys\":[",
            suffix: "],\"type\":\"\(form.rawValue)\",\"withMetadata\":\(withMetadata)}")
        // 25 MiB of values, each byte of which may be escaped to six, and room for keys and metadata.
        request.answerLimit = 6 * KVLimits.bulkGetBytes + APIRequest.envelopeLimit
        let envelope = try await requester.envelope(request)
        return try requester.read(envelope, request) { envelope throws(JSONFault) in
            var reader = try envelope.requiredResult()
            return try BulkGetResult(&reader, form: form, withMetadata: withMetadata)
        }
    }

    /// Writes up to 10,000 pairs in one request.
    ///
    /// The API takes the request whole or refuses it whole; of one that it takes, single keys may still have to be sent
    /// again (``BulkReport/unsuccessfulKeys``).
    ///
    /// - Parameters:
    ///   - pairs: The pairs; each key once.
    ///   - namespace: The namespace.
    /// - Returns: What became of the keys.
    /// - Throws: ``KVError`` with `tooLarge`, `invalidExpiration` or `namespaceNotFound` among others;
    ///   `CancellationError`.
    public func bulkWrite(_ pairs: BulkPairs, in namespace: NamespaceID) async throws -> BulkReport {
        for key in pairs.keys { try Self.checkName(key) }
        var request = request(
            .bulkWrite, .put, "\(Self.path(namespace))/bulk", "\(pairs.count) pairs for namespace \(namespace)")
        request.setJSON(pairs.body)
        return try await report(request)
    }

    /// Writes up to 10,000 records in one request.
    ///
    /// - Parameters:
    ///   - records: The records; each key once, because which of two would win is not defined.
    ///   - namespace: The namespace.
    /// - Returns: What became of the keys.
    /// - Throws: ``KVError`` with `invalidOptions` for a key that is there twice, and as the other form does.
    public func bulkWrite(_ records: [KVRecord], in namespace: NamespaceID) async throws -> BulkReport {
        var pairs = BulkPairs()
        var seen: Set<KVKey> = []
        for record in records {
            guard seen.insert(record.key).inserted else {
                throw KVError(.invalidOptions, "key \(record.key) is twice in one bulk write")
            }
            pairs.append(record)
        }
        return try await bulkWrite(pairs, in: namespace)
    }

    /// Deletes up to 10,000 keys in one request; keys that do not exist count as deleted.
    ///
    /// - Parameters:
    ///   - keys: The keys.
    ///   - namespace: The namespace.
    /// - Returns: What became of the keys.
    /// - Throws: ``KVError`` with `namespaceNotFound` among others; `CancellationError`.
    public func bulkDelete(_ keys: [KVKey], in namespace: NamespaceID) async throws -> BulkReport {
        for key in keys { try Self.checkName(key) }
        var request = request(
            .bulkDelete, .post, "\(Self.path(namespace))/bulk/delete", "\(keys.count) keys of namespace \(namespace)")
        request.setJSON(keys: keys)
        return try await report(request)
    }

    private func report(_ request: APIRequest) async throws -> BulkReport {
        let envelope = try await requester.envelope(request)
        return try requester.read(envelope, request) { envelope throws(JSONFault) in
            try BulkReport(envelope.result)
        }
    }
}
