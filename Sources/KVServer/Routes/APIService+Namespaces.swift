import JSONText
import KVModel

extension APIService {
    /// A page of namespaces; one past the end is empty.
    func listNamespaces(_ request: APIRequest) async throws -> Reply {
        let page = try PageRequest(request)
        let query = try request.query
        guard let order = NamespaceOrder(rawValue: query["order"] ?? "id") else {
            throw APIFault(.invalidOrder, request.operation, "Invalid order. Please specify id or title.")
        }
        let direction = query["direction"] ?? "asc"
        guard direction == "asc" || direction == "desc" else {
            throw APIFault(.invalidDirection, request.operation, "Invalid direction. Please specify asc or desc.")
        }
        let (rows, total) = try await store.namespaces(
            page: page.number, perPage: page.size, order: order, descending: direction == "desc")
        let info = ResultInfo.page(page: page.number, perPage: page.size, count: rows.count, total: total)
        return .result(info: info) { out in
            out.append(0x5B)
            for (index, row) in rows.enumerated() {
                if index > 0 { out.append(0x2C) }
                append(row, to: &out)
            }
            out.append(0x5D)
        }
    }

    /// Makes a namespace with a random id.
    func createNamespace(_ request: APIRequest) async throws -> Reply {
        let body = try namespaceBody(request)
        return try await replyWithNamespace(request) {
            try await store.createNamespace(
                id: RandomText.hexadecimal(32), title: body.title, jurisdiction: body.jurisdiction)
        }
    }

    /// Shows one namespace.
    func getNamespace(_ request: APIRequest) async throws -> Reply {
        let id = try request.namespace
        return try await replyWithNamespace(request) { try await store.namespace(id) }
    }

    /// Gives a namespace another title.
    func renameNamespace(_ request: APIRequest) async throws -> Reply {
        let id = try request.namespace
        try await store.expectNamespace(id)
        let title = try namespaceBody(request).title
        return try await replyWithNamespace(request) { try await store.renameNamespace(id, title: title) }
    }

    /// Deletes a namespace and all in it.
    func deleteNamespace(_ request: APIRequest) async throws -> Reply {
        try await store.deleteNamespace(try request.namespace)
        return .null
    }

    private func replyWithNamespace(
        _ request: APIRequest, _ work: () async throws -> StoredNamespace
    ) async throws -> Reply {
        do {
            let namespace = try await work()
            return .result { append(namespace, to: &$0) }
        } catch NamespaceRefusal.titleTaken {
            throw APIFault(
                .titleTaken, request.operation, "a namespace with this account ID and title already exists")
        } catch NamespaceRefusal.tooMany {
            throw APIFault(
                .tooManyNamespaces, request.operation,
                "an account has \(KVLimits.namespacesPerAccount) namespaces at most")
        }
    }

    private func append(_ namespace: StoredNamespace, to out: inout [UInt8]) {
        out += "{\"id\":".utf8
        JSONString.append(namespace.id, to: &out)
        out += ",\"title\":".utf8
        JSONString.append(namespace.title, to: &out)
        out += ",\"supports_url_encoding\":true".utf8
        if let jurisdiction = namespace.jurisdiction {
            out += ",\"jurisdiction\":".utf8
            JSONString.append(jurisdiction, to: &out)
        }
        out.append(0x7D)
    }
}

// MARK: - The body

extension APIService {
    private static let jurisdictions: Set<String> = ["eu", "us", "fedramp"]

    private func namespaceBody(_ request: APIRequest) throws -> (title: String, jurisdiction: String?) {
        var title: String?
        var jurisdiction: String?
        try request.readJSON(.malformedNamespace) { reader in
            try reader.beginObject()
            while let name = try reader.nextMember() {
                switch name {
                case "title": title = try reader.readOptionalString()
                case "jurisdiction": jurisdiction = try reader.readOptionalString()
                default: try request.skipMember(name, &reader)
                }
            }
        }
        guard let title, !title.isEmpty else {
            throw APIFault(.missingTitle, request.operation, "a namespace must have a title")
        }
        guard title.unicodeScalars.count <= KVLimits.titleCharacters else {
            throw APIFault(
                .malformedNamespace, request.operation,
                "a title has \(KVLimits.titleCharacters) characters at most")
        }
        if let jurisdiction, !Self.jurisdictions.contains(jurisdiction) {
            throw APIFault(.malformedNamespace, request.operation, "the jurisdiction must be eu, us or fedramp")
        }
        return (title, jurisdiction)
    }
}
