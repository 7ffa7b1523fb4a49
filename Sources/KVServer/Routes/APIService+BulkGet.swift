import JSONText
import KVModel

/// The body of a bulk get.
private struct BulkGetBody {
    var keys: [KVKey] = []
    var isJSON = false
    var withMetadata = false
}

extension APIService {
    /// Up to 100 values in one answer, read in one transaction.
    func getBulk(_ request: APIRequest) async throws -> Reply {
        let namespace = try request.namespace
        try await store.expectNamespace(namespace)
        let body = try bulkGetBody(request)
        guard let records = try await store.records(body.keys, in: namespace, limit: KVLimits.bulkGetBytes) else {
            throw APIFault(.payloadTooLarge, request.operation, "Total size of request exceeds the limit of 25MB")
        }
        var values: [UInt8] = []
        for (key, record) in zip(body.keys, records) {
            if !values.isEmpty { values.append(0x2C) }
            JSONString.append(key.utf8, to: &values)
            values.append(0x3A)
            try append(record, body, request, to: &values)
        }
        var reply = Reply.result { out in
            out += "{\"values\":{".utf8
            out += values
            out += "}}".utf8
        }
        reply.keyCount = body.keys.count
        return reply
    }

    private func append(
        _ record: StoredRecord?, _ body: BulkGetBody, _ request: APIRequest, to out: inout [UInt8]
    ) throws(APIFault) {
        guard let record else {
            out += "null".utf8
            return
        }
        if body.withMetadata { out += "{\"value\":".utf8 }
        try appendValue(record.value, body, request, to: &out)
        guard body.withMetadata else { return }
        out += ",\"metadata\":".utf8
        out += record.metadata?.json ?? Array("null".utf8)
        if let expiration = record.expiration { out += ",\"expiration\":\(expiration)".utf8 }
        out.append(0x7D)
    }

    private func appendValue(
        _ value: [UInt8], _ body: BulkGetBody, _ request: APIRequest, to out: inout [UInt8]
    ) throws(APIFault) {
        if body.isJSON {
            guard let json = try? CompactJSON.text(of: value) else { throw nonText("json", request) }
            out += json
        } else {
            guard UTF8Text.isValid(value) else { throw nonText("text", request) }
            JSONString.append(value, to: &out)
        }
    }

    private func nonText(_ kind: String, _ request: APIRequest) -> APIFault {
        APIFault(
            .invalidRequest, request.operation,
            "At least one of the requested keys corresponds to a non-\(kind) value")
    }

    private func bulkGetBody(_ request: APIRequest) throws -> BulkGetBody {
        var body = BulkGetBody()
        try request.readJSON { reader in
            try reader.beginObject()
            while let name = try reader.nextMember() {
                switch name {
                case "keys": body.keys = try bulkGetKeys(&reader, request)
                case "type": body.isJSON = try isJSON(&reader, request)
                case "withMetadata": body.withMetadata = try reader.readOptionalBool()
                default: try request.skipMember(name, &reader)
                }
            }
        }
        guard !body.keys.isEmpty else {
            throw APIFault(.invalidRequest, request.operation, "You must request a minimum of 1 key")
        }
        return body
    }

    /// The keys without repetitions, because the answer is an object.
    private func bulkGetKeys(_ reader: inout JSONReader, _ request: APIRequest) throws -> [KVKey] {
        var keys: [KVKey] = []
        var seen: Set<KVKey> = []
        var count = 0
        if try reader.peekKind() == .null {
            try reader.readNull()
            return []
        }
        try reader.beginArray()
        while try reader.nextElement() {
            guard let key = KVKey(utf8: try reader.readString()) else { continue }
            count += 1
            guard count <= KVLimits.bulkGetKeys else {
                throw APIFault(
                    .invalidRequest, request.operation,
                    "You can request a maximum of \(KVLimits.bulkGetKeys) keys")
            }
            try KeyRule.check(key, in: .body, operation: request.operation)
            if seen.insert(key).inserted { keys.append(key) }
        }
        return keys
    }

    private func isJSON(_ reader: inout JSONReader, _ request: APIRequest) throws -> Bool {
        switch try reader.readOptionalString() {
        case nil, "text": return false
        case "json": return true
        default: throw APIFault(.invalidRequest, request.operation, "The type must be text or json")
        }
    }
}
