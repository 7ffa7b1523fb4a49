import JSONText
import KVModel

extension APIService {
    /// Writes up to 10,000 pairs, all or none.
    ///
    /// Of several pairs with the same key the last one stays.
    func putBulk(_ request: APIRequest) async throws -> Reply {
        let namespace = try request.namespace
        try await store.expectNamespace(namespace)
        let body = try request.readJSON { reader in
            try BulkWriteBody(&reader, now: now(), operation: request.operation)
        }
        for warning in body.warnings { request.warnings.add(warning) }
        try await store.write(body.writes, in: namespace)
        return bulkResult(body.writes.count)
    }

    /// Deletes up to 10,000 keys; those that do not exist count as deleted.
    func deleteBulk(_ request: APIRequest) async throws -> Reply {
        let namespace = try request.namespace
        try await store.expectNamespace(namespace)
        let keys = try request.readJSON { try bulkDeleteKeys(&$0, request) }
        try await store.delete(keys, in: namespace)
        return bulkResult(keys.count)
    }

    /// A list of names: strings, or objects like the rows of a list of keys.
    private func bulkDeleteKeys(_ reader: inout JSONReader, _ request: APIRequest) throws -> [KVKey] {
        var keys: [KVKey] = []
        try reader.beginArray()
        while try reader.nextElement() {
            guard keys.count < KVLimits.bulkDeleteKeys else {
                throw APIFault(
                    .invalidRequest, request.operation,
                    "You can delete a maximum of \(KVLimits.bulkDeleteKeys) keys")
            }
            guard let key = try bulkDeleteKey(&reader) else {
                throw APIFault.malformed(request.operation, "element \(keys.count) has no name")
            }
            try KeyRule.check(key, in: .body, operation: request.operation)
            keys.append(key)
        }
        return keys
    }

    private func bulkDeleteKey(_ reader: inout JSONReader) throws -> KVKey? {
        guard try reader.peekKind() == .object else { return KVKey(utf8: try reader.readString()) }
        var key: KVKey?
        try reader.beginObject()
        while let name = try reader.nextMember() {
            if name == "name" { key = KVKey(utf8: try reader.readString()) } else { try reader.skipValue() }
        }
        return key
    }

    private func bulkResult(_ count: Int) -> Reply {
        var reply = Reply.result { $0 += "{\"successful_key_count\":\(count),\"unsuccessful_keys\":[]}".utf8 }
        reply.keyCount = count
        return reply
    }
}
