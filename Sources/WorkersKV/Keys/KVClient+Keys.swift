import JSONText

extension KVClient {
    /// The keys of a namespace, one at a time.
    ///
    /// - Parameters:
    ///   - namespace: The namespace.
    ///   - prefix: What the keys must start with; every key starts with the empty prefix.
    ///   - limit: How many keys the API gives per request, 10 to 1,000.
    /// - Returns: A sequence to iterate once. It throws ``KVError`` and `CancellationError`.
    public func keys(
        in namespace: NamespaceID, prefix: KVKey = "", limit: Int = KVLimits.listMaximum
    ) -> KeySequence {
        KeySequence(pages: keyPages(in: namespace, prefix: prefix, limit: limit))
    }

    /// The keys of a namespace, a page at a time.
    ///
    /// - Parameters:
    ///   - namespace: The namespace.
    ///   - prefix: What the keys must start with.
    ///   - limit: How many keys a page holds at the most, 10 to 1,000.
    /// - Returns: A sequence to iterate once. It throws ``KVError`` and `CancellationError`.
    public func keyPages(
        in namespace: NamespaceID, prefix: KVKey = "", limit: Int = KVLimits.listMaximum
    ) -> KeyPages {
        KeyPages { cursor in try await keyPage(in: namespace, prefix: prefix, limit: limit, cursor: cursor) }
    }

    /// One page of keys.
    ///
    /// - Parameters:
    ///   - namespace: The namespace.
    ///   - prefix: What the keys must start with; to be repeated with every cursor, otherwise other keys come too.
    ///   - limit: How many keys the page holds at the most, 10 to 1,000.
    ///   - cursor: Where the page starts, from the page before; `nil` for the first page.
    /// - Returns: The page; the walk goes on as long as it has a cursor.
    /// - Throws: ``KVError`` with `namespaceNotFound` or `invalidCursor` among others; `CancellationError`.
    public func keyPage(
        in namespace: NamespaceID, prefix: KVKey = "", limit: Int = KVLimits.listMaximum, cursor: String? = nil
    ) async throws -> KeyPage {
        let page = try await fetchKeyPage(in: namespace, prefix: prefix, limit: limit, cursor: cursor)
        guard !page.saysWhetherItEnds, page.keys.isEmpty else { return page.page }
        // An empty answer that does not say that it is the whole list may be something else than a list: a server that
        // means it says it again.
        return try await fetchKeyPage(in: namespace, prefix: prefix, limit: limit, cursor: cursor).page
    }

    /// A page of keys, and whether the answer had anything to say about pages.
    private struct FetchedPage: Sendable {
        var keys: [ListedKey]
        var cursor: String?
        var saysWhetherItEnds: Bool

        var page: KeyPage { KeyPage(keys: keys, cursor: cursor) }
    }

    private func fetchKeyPage(
        in namespace: NamespaceID, prefix: KVKey, limit: Int, cursor: String?
    ) async throws -> FetchedPage {
        var request = request(
            .keyList, .get, "\(Self.path(namespace))/keys", "the keys of namespace \(namespace)")
        request.query = [("limit", String(limit))]
        if !prefix.utf8.isEmpty { request.query.append(("prefix", prefix.string)) }
        if let cursor { request.query.append(("cursor", cursor)) }
        let envelope = try await requester.envelope(request)
        return try requester.read(envelope, request) { envelope throws(JSONFault) in
            var reader = try envelope.requiredResult()
            var keys: [ListedKey] = []
            try reader.beginArray()
            while try reader.nextElement() { keys.append(try ListedKey(&reader)) }
            // Only the cursor in `result_info` ends a list. An answer without it is believed where it may be all of a short
            // list from a simple server.
            guard envelope.hasResultInfo || (cursor == nil && keys.count < limit) else {
                throw JSONFault(
                    .wrongKind, at: 0, "a page of keys without \"result_info\", which may not be the last one")
            }
            return FetchedPage(
                keys: keys, cursor: try envelope.cursor(), saysWhetherItEnds: envelope.hasResultInfo)
        }
    }
}
