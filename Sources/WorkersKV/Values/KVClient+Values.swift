import JSONText
import KVHTTP

extension KVClient {
    /// Reads a value.
    ///
    /// - Parameters:
    ///   - key: The key.
    ///   - namespace: The namespace.
    /// - Returns: The exact bytes and the expiration, or `nil` when there is no such key (or it has expired).
    /// - Throws: ``KVError`` with `namespaceNotFound` among others; `CancellationError`.
    public func value(of key: KVKey, in namespace: NamespaceID) async throws -> StoredValue? {
        var request = request(
            .valueGet, .get, try Self.path("values", of: key, in: namespace),
            "the value of key \(key) in namespace \(namespace)")
        // One byte more than a value can have tells a value that is too long from one that just fits.
        request.answerLimit = KVLimits.valueBytes + 1
        do {
            let reply = try await requester.bytes(request)
            let expiration = reply.headers["expiration"].flatMap { Int64($0) }.flatMap {
                $0 > 0 ? UnixTime(seconds: $0) : nil
            }
            return StoredValue(bytes: reply.body, expiration: expiration)
        } catch KVError.Code.keyNotFound {
            return nil
        }
    }

    /// Writes a value.
    ///
    /// A write sets all three: a value written without metadata or expiration has none afterwards, whatever it had
    /// before (API reference, write key-value pair).
    ///
    /// - Parameters:
    ///   - value: The bytes, at most 25 MiB.
    ///   - key: The key, at most 512 bytes.
    ///   - namespace: The namespace.
    ///   - metadata: JSON of at most 1024 bytes, if the key is to have some.
    ///   - expiration: When the key goes away, if it does.
    /// - Throws: ``KVError`` with `invalidKey`, `invalidExpiration`, `invalidMetadata`, `tooLarge` or
    ///   `namespaceNotFound` among others; `CancellationError`.
    public func write(
        _ value: [UInt8], to key: KVKey, in namespace: NamespaceID, metadata: KVMetadata? = nil,
        expiration: Expiration? = nil
    ) async throws {
        var request = request(
            .valuePut, .put, try Self.path("values", of: key, in: namespace),
            "the value of key \(key) in namespace \(namespace)")
        switch expiration {
        case .at(let time): request.query = [("expiration", String(time.seconds))]
        case .after(let seconds): request.query = [("expiration_ttl", String(seconds))]
        case nil: break
        }
        if let metadata {
            let form = MultipartForm(value: value, metadata: metadata)
            request.body = .bytes(form.body)
            request.contentType = form.contentType
        } else {
            // Without metadata the body is the value: no server can misread what it need not read.
            request.body = .bytes(value)
            request.contentType = "application/octet-stream"
        }
        _ = try await requester.envelope(request)
    }

    /// Writes a text.
    ///
    /// - Parameters:
    ///   - text: The text, written as UTF-8.
    ///   - key: The key, at most 512 bytes.
    ///   - namespace: The namespace.
    ///   - metadata: JSON of at most 1024 bytes, if the key is to have some.
    ///   - expiration: When the key goes away, if it does.
    /// - Throws: ``KVError``; `CancellationError`.
    public func write(
        _ text: String, to key: KVKey, in namespace: NamespaceID, metadata: KVMetadata? = nil,
        expiration: Expiration? = nil
    ) async throws {
        try await write(Array(text.utf8), to: key, in: namespace, metadata: metadata, expiration: expiration)
    }

    /// Writes a whole record.
    ///
    /// - Parameters:
    ///   - record: Key, value, metadata and expiration.
    ///   - namespace: The namespace.
    /// - Throws: ``KVError``; `CancellationError`.
    public func write(_ record: KVRecord, in namespace: NamespaceID) async throws {
        try await write(
            record.value, to: record.key, in: namespace, metadata: record.metadata,
            expiration: record.expiration.map(Expiration.at))
    }

    /// Deletes a key; deleting one that does not exist succeeds too.
    ///
    /// - Parameters:
    ///   - key: The key.
    ///   - namespace: The namespace.
    /// - Throws: ``KVError`` with `namespaceNotFound` among others; `CancellationError`.
    public func delete(_ key: KVKey, in namespace: NamespaceID) async throws {
        let request = request(
            .valueDelete, .delete, try Self.path("values", of: key, in: namespace),
            "key \(key) in namespace \(namespace)")
        _ = try await requester.envelope(request)
    }

    /// Reads the metadata of a key without its value.
    ///
    /// - Parameters:
    ///   - key: The key.
    ///   - namespace: The namespace.
    /// - Returns: The metadata, or `nil` when the key exists and has none.
    /// - Throws: ``KVError`` with `keyNotFound` or `namespaceNotFound` among others; `CancellationError`.
    public func metadata(of key: KVKey, in namespace: NamespaceID) async throws -> KVMetadata? {
        let request = request(
            .metadataGet, .get, try Self.path("metadata", of: key, in: namespace),
            "the metadata of key \(key) in namespace \(namespace)")
        let envelope = try await requester.envelope(request)
        return try requester.read(envelope, request) { envelope throws(JSONFault) in
            var reader = try envelope.requiredResult()
            return try reader.readMetadata()
        }
    }
}
