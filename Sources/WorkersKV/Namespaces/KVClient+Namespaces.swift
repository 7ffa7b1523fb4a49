import JSONText

extension KVClient {
    /// All namespaces of the account, in the order in which the API lists them.
    ///
    /// Asks for page after page: the API's own default is 20 rows a page.
    ///
    /// - Returns: The namespaces; at most 1,000 at Cloudflare.
    /// - Throws: ``KVError``; `CancellationError`.
    public func namespaces() async throws -> [Namespace] {
        var all: [Namespace] = []
        var seen: Set<NamespaceID> = []
        var number = 1
        while true {
            let page = try await namespacePage(number, rows: Self.namespaceRows)
            let fresh = page.namespaces.filter { seen.insert($0.id).inserted }
            all += fresh
            // A server that ignores `page` repeats itself; others end with an empty page. A count saves asking for that
            // one, but is believed only on a page that says how long it could be, and is shorter: some servers have
            // longest pages of their own, and count the page.
            let isShort = page.namespaces.count < page.rowsPerPage ?? 0
            if fresh.isEmpty || (isShort && all.count == page.totalCount) { return all }
            number += 1
        }
    }

    /// Rows of a page that servers of every age accept.
    private static let namespaceRows = 100

    /// One page of namespaces.
    ///
    /// - Parameters:
    ///   - number: The page, from 1. A page past the end is empty.
    ///   - rows: How many namespaces a page holds, at most 1,000 (100 on older servers).
    /// - Returns: The page.
    /// - Throws: ``KVError``; `CancellationError`.
    public func namespacePage(_ number: Int, rows: Int = KVLimits.namespacePageDefault) async throws -> NamespacePage {
        var request = request(.namespaceList, .get, "/namespaces", "the list of namespaces")
        request.query = [("page", String(number)), ("per_page", String(rows))]
        let envelope = try await requester.envelope(request)
        return try requester.read(envelope, request) { envelope throws(JSONFault) in
            var reader = try envelope.requiredResult()
            var namespaces: [Namespace] = []
            try reader.beginArray()
            while try reader.nextElement() { namespaces.append(try Namespace(&reader)) }
            let total = try envelope.resultInfoInteger("total_count").flatMap { Int(exactly: $0) }
            let rows = try envelope.resultInfoInteger("per_page").flatMap { Int(exactly: $0) }
            return NamespacePage(namespaces: namespaces, totalCount: total, rowsPerPage: rows)
        }
    }

    /// Creates a namespace.
    ///
    /// Not repeated when it is unknown whether the server has acted, because a second attempt could only fail. A new
    /// namespace may be unknown to the API for a second or so (code `namespaceNotFound`).
    ///
    /// - Parameters:
    ///   - title: A title of 1 to 512 characters that no namespace of the account has.
    ///   - jurisdiction: Where the data must stay (`eu`, `us`, `fedramp`); cannot be changed later.
    /// - Returns: The namespace with its id.
    /// - Throws: ``KVError`` with `titleTaken` among others; `CancellationError`.
    public func createNamespace(title: String, jurisdiction: String? = nil) async throws -> Namespace {
        var request = request(
            .namespaceCreate, .post, "/namespaces", "the new namespace \(JSONString.quoted(title))")
        request.setJSON(Self.namespaceBody(title, jurisdiction))
        return try await namespace(request)
    }

    /// Looks a namespace up by its id.
    ///
    /// - Parameter id: The id.
    /// - Returns: The namespace.
    /// - Throws: ``KVError`` with `namespaceNotFound` among others; `CancellationError`.
    public func namespace(_ id: NamespaceID) async throws -> Namespace {
        try await namespace(request(.namespaceGet, .get, Self.path(id), "namespace \(id)"))
    }

    /// Gives a namespace another title.
    ///
    /// - Parameters:
    ///   - id: The namespace.
    ///   - title: The new title.
    /// - Throws: ``KVError`` with `titleTaken` or `namespaceNotFound` among others; `CancellationError`.
    public func renameNamespace(_ id: NamespaceID, to title: String) async throws {
        var request = request(.namespaceRename, .put, Self.path(id), "namespace \(id)")
        request.setJSON(Self.namespaceBody(title, nil))
        // Some versions of the API answer with the namespace, some with null.
        _ = try await requester.envelope(request)
    }

    /// Deletes a namespace with all its keys.
    ///
    /// There is no way back. A namespace that is gone when the request is repeated, because no answer came to the first
    /// attempt, is deleted.
    ///
    /// - Parameter id: The namespace.
    /// - Throws: ``KVError`` with `namespaceNotFound` among others; `CancellationError`.
    public func deleteNamespace(_ id: NamespaceID) async throws {
        do {
            _ = try await requester.envelope(request(.namespaceDelete, .delete, Self.path(id), "namespace \(id)"))
        } catch let error as KVError where error.code == .namespaceNotFound && error.followsUnknownOutcome {
            return
        }
    }

    private func namespace(_ request: APIRequest) async throws -> Namespace {
        let envelope = try await requester.envelope(request)
        return try requester.read(envelope, request) { envelope throws(JSONFault) in
            var reader = try envelope.requiredResult()
            return try Namespace(&reader)
        }
    }

    private static func namespaceBody(_ title: String, _ jurisdiction: String?) -> [UInt8] {
        var body = Array("{\"title\":".utf8)
        JSONString.append(title, to: &body)
        if let jurisdiction {
            body += Array(",\"jurisdiction\":".utf8)
            JSONString.append(jurisdiction, to: &body)
        }
        body.append(0x7D)
        return body
    }
}
