import JSONText
import KVModel

extension APIService {
    /// A page of keys in byte order, with a cursor if there are more.
    func listKeys(_ request: APIRequest) async throws -> Reply {
        let namespace = try request.namespace
        try await store.expectNamespace(namespace)
        let query = try request.query
        let limit = try limit(query["limit"], request)
        let prefix = Array((query["prefix"] ?? "").utf8)
        guard prefix.count <= KVLimits.keyBytes else {
            throw APIFault(
                .keyTooLong, status: 414, request.operation,
                "UTF-8 encoded length of \(prefix.count) exceeds key length limit of \(KVLimits.keyBytes).")
        }
        let last = try lastKey(query["cursor"] ?? "", in: namespace, request)

        // One row more than is shown tells whether there is another page.
        var rows = try await store.keys(in: namespace, prefix: prefix, after: last, limit: limit + 1)
        var cursor = ""
        if rows.count > limit {
            rows.removeLast()
            cursor = rows.last.map { ListCursor(namespace: namespace, key: $0.key).text } ?? ""
        }
        return .result(info: .cursor(cursor, count: rows.count)) { append(rows, to: &$0) }
    }

    private func limit(_ text: String?, _ request: APIRequest) throws(APIFault) -> Int {
        guard let text else { return KVLimits.listMaximum }
        let range = KVLimits.listMinimum...KVLimits.listMaximum
        guard let limit = Int(text), range.contains(limit) else {
            throw APIFault(
                .invalidLimit, request.operation,
                "Invalid limit of \(text). Please specify an integer from \(range.lowerBound) to \(range.upperBound).")
        }
        return limit
    }

    private func lastKey(
        _ cursor: String, in namespace: String, _ request: APIRequest
    ) throws(APIFault) -> [UInt8]? {
        // An empty cursor is the one that ends a list, and starts one.
        if cursor.isEmpty { return nil }
        guard let place = ListCursor(cursor), place.namespace == namespace else {
            throw APIFault(.invalidCursor, request.operation, "invalid cursor")
        }
        return place.key
    }

    private func append(_ rows: [KeyRow], to out: inout [UInt8]) {
        out.append(0x5B)
        for (index, row) in rows.enumerated() {
            if index > 0 { out.append(0x2C) }
            out += "{\"name\":".utf8
            JSONString.append(row.key, to: &out)
            if let expiration = row.expiration { out += ",\"expiration\":\(expiration)".utf8 }
            if let metadata = row.metadata {
                out += ",\"metadata\":".utf8
                out += metadata.json
            }
            out.append(0x7D)
        }
        out.append(0x5D)
    }
}
