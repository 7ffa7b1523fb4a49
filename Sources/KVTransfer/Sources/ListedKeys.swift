/// How far a walk through a list of keys is.
struct ListPosition: Hashable, Sendable {
    /// The last key that is dealt with; `nil` at the start.
    var lastKey: KVKey?
    /// The cursor of the page in which the next key stands, or may stand; `nil` for the first page.
    var cursor: String?
}

/// The keys of a namespace in order, each once, taken one at a time from the pages of its list.
struct ListedKeys {
    private enum Pages {
        /// A page is asked for when the one before it is used up.
        case onDemand(ListPages)
        /// The next page is on its way while this one is used.
        case ahead(Pulled<ListPages.Page>)
    }

    private var pages: Pages
    private var buffer: ArraySlice<ListPages.Entry> = []
    private var isAtEnd = false
    /// What was counted since the counts were last taken.
    private var counts = ReadTally.Counts()

    /// The list from a position on; without one, from its start.
    init(_ client: KVClient, _ namespace: NamespaceID, prefix: KVKey, after position: ListPosition = ListPosition()) {
        pages = .onDemand(ListPages(client, namespace, prefix: prefix, after: position))
    }

    fileprivate init(_ pages: Pulled<ListPages.Page>) { self.pages = .ahead(pages) }

    /// The next key, which stays the next until it is taken.
    mutating func peek() async throws -> ListPages.Entry? {
        while buffer.isEmpty, !isAtEnd {
            guard let page = try await nextPage() else {
                isAtEnd = true
                break
            }
            buffer = page.entries[...]
            counts += page.counts
        }
        return buffer.first
    }

    /// Takes the next key.
    mutating func next() async throws -> ListPages.Entry? {
        guard let entry = try await peek() else { return nil }
        buffer.removeFirst()
        counts.keysListed += 1
        return entry
    }

    /// What was counted since the last time.
    mutating func takeCounts() -> ReadTally.Counts {
        defer { counts = ReadTally.Counts() }
        return counts
    }

    private mutating func nextPage() async throws -> ListPages.Page? {
        switch pages {
        case .onDemand(var list):
            defer { pages = .onDemand(list) }
            return try await list.next()
        case .ahead(let pulled): return try await pulled.next()
        }
    }
}

/// Lends the keys of a namespace, of which the next page is fetched while one is used.
///
/// Each page can only be asked for when the one before it has come, so that on a slow network the list is what a walk
/// waits for in the end. Not for a walk that may stop before the end of the list: it would ask for a page in vain.
func withKeysListedAhead<Result>(
    _ client: KVClient, _ namespace: NamespaceID, prefix: KVKey, after position: ListPosition = ListPosition(),
    _ body: (ListedKeys) async throws -> Result
) async throws -> Result {
    try await withPulled { send in
        var pages = ListPages(client, namespace, prefix: prefix, after: position)
        while let page = try await pages.next() { try await send(page) }
    } body: { pages in
        try await body(ListedKeys(pages))
    }
}
