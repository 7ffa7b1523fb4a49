/// One page of a list of keys.
public struct KeyPage: Hashable, Sendable {
    /// The keys of the page, in ascending UTF-8 byte order.
    ///
    /// There may be none in a page that is not the last.
    public var keys: [ListedKey]
    /// Where the next page starts; `nil` when this page is the last one.
    ///
    /// Nothing else says so.
    public var cursor: String?

    /// Puts a page together.
    public init(keys: [ListedKey], cursor: String?) {
        self.keys = keys
        self.cursor = cursor
    }
}

/// The keys of a namespace in ascending UTF-8 byte order, a page at a time.
///
/// Pages are pulled: a request is made when the consumer asks for the next page, so a slow consumer slows the walk and at
/// most one page is held. A page may be empty (deleted and expired keys leave gaps); only a missing cursor ends the walk
/// (API reference, list a namespace's keys).
///
///     for try await page in client.keyPages(in: namespace, prefix: "user:") {
///         print(page.keys.count, page.cursor ?? "the end")
///     }
///
/// Iterate once; start again to walk again.
public struct KeyPages: AsyncSequence, Sendable {
    let fetch: @Sendable (_ cursor: String?) async throws -> KeyPage

    /// Starts the walk.
    public func makeAsyncIterator() -> Iterator { Iterator(fetch: fetch) }

    /// The walk.
    public struct Iterator: AsyncIteratorProtocol {
        let fetch: @Sendable (_ cursor: String?) async throws -> KeyPage
        private var cursor: String?
        private var isAtEnd = false

        init(fetch: @escaping @Sendable (_ cursor: String?) async throws -> KeyPage) { self.fetch = fetch }

        /// Fetches the next page.
        public mutating func next() async throws -> KeyPage? {
            if isAtEnd { return nil }
            let page = try await fetch(cursor)
            if let next = page.cursor, next == cursor {
                throw KVError(.malformedAnswer, "the list of keys does not advance: a page gave its own cursor again")
            }
            cursor = page.cursor
            isAtEnd = page.cursor == nil
            return page
        }
    }
}

@available(*, unavailable)
extension KeyPages.Iterator: Sendable {}

/// The keys of a namespace in ascending UTF-8 byte order, one at a time.
///
/// A flat view of ``KeyPages``, with the same behaviour. Iterate once.
public struct KeySequence: AsyncSequence, Sendable {
    let pages: KeyPages

    /// Starts the walk.
    public func makeAsyncIterator() -> Iterator { Iterator(pages: pages.makeAsyncIterator()) }

    /// The walk.
    public struct Iterator: AsyncIteratorProtocol {
        private var pages: KeyPages.Iterator
        private var page: [ListedKey] = []
        private var index = 0

        init(pages: KeyPages.Iterator) { self.pages = pages }

        /// Gives the next key.
        public mutating func next() async throws -> ListedKey? {
            while index == page.count {
                guard let next = try await pages.next() else { return nil }
                page = next.keys
                index = 0
            }
            defer { index += 1 }
            return page[index]
        }
    }
}

@available(*, unavailable)
extension KeySequence.Iterator: Sendable {}
