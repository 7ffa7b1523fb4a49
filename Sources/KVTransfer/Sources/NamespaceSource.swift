/// The records of a live namespace, read with the fewest requests the API allows.
///
/// Lists give names, 1,000 a request; bulk gets give value, metadata and expiration of up to 100 keys in one answer, so
/// that a record is never put together from two moments. Several bulk gets are in flight; the order is kept.
///
/// A key that is listed but gone when it is read is no error. A key that exists and cannot be read is a hole: it is
/// counted with its reason in the tally, and whoever uses the source must not call the result whole.
public struct NamespaceSource: RecordSource {
    let client: KVClient
    let namespace: Namespace
    let prefix: KVKey
    let concurrency: Int
    /// What happened while the namespace was read.
    public let tally = ReadTally()

    /// A source for a namespace.
    ///
    /// - Parameters:
    ///   - namespace: The namespace.
    ///   - client: A client for the namespace's account.
    ///   - prefix: What keys must start with to be read.
    ///   - concurrency: How many bulk gets are in flight at the most.
    public init(_ namespace: Namespace, client: KVClient, prefix: KVKey = "", concurrency: Int = 6) {
        self.namespace = namespace
        self.client = client
        self.prefix = prefix
        self.concurrency = max(1, concurrency)
    }

    /// The namespace's title.
    public var name: String { "namespace \(KVKey(namespace.title))" }

    /// What could not be read so far.
    public var holes: [Hole] { tally.counts.holes }

    /// Walks the namespace.
    public func forEachBatch(_ body: ([RecordLine]) async throws -> Void) async throws {
        var keys = ListedKeys(client.keyPages(in: namespace.id, prefix: prefix), prefix: prefix, tally: tally)
        var sizer = BatchSizer()
        let reader = BatchReader(client: client, namespace: namespace.id, tally: tally)
        try await forEachInOrder(width: concurrency) {
            try await keys.nextBatch(upTo: sizer.keys)
        } transform: { batch in
            try await reader.read(batch)
        } consume: { lines in
            sizer.observe(lines)
            if !lines.isEmpty { try await body(lines) }
        }
    }
}

/// Listed keys in order, cut into batches.
private struct ListedKeys {
    private var pages: KeyPages.Iterator
    private let prefix: KVKey
    private let tally: ReadTally
    private var buffer: ArraySlice<ListedKey> = []
    private var last: KVKey?
    private var isAtEnd = false

    init(_ pages: KeyPages, prefix: KVKey, tally: ReadTally) {
        self.pages = pages.makeAsyncIterator()
        self.prefix = prefix
        self.tally = tally
    }

    /// The next keys, fewer than the limit only at the end of the list; `nil` at its end.
    ///
    /// Short pages are joined, because a batch costs one request however many keys it has.
    mutating func nextBatch(upTo limit: Int) async throws -> [ListedKey]? {
        while !isAtEnd, buffer.count < limit {
            if let page = try await pages.next() {
                buffer = Array(buffer + (try checked(page.keys)))[...]
            } else {
                isAtEnd = true
            }
        }
        guard !buffer.isEmpty else { return nil }
        defer { buffer = buffer.dropFirst(limit) }
        return Array(buffer.prefix(limit))
    }

    /// The new keys of a page.
    ///
    /// - Throws: ``KVError`` with `malformedAnswer` when the list is not in order: an archive must be, and a restart
    ///   could not tell what it has already seen.
    private mutating func checked(_ keys: [ListedKey]) throws -> [ListedKey] {
        var fresh: [ListedKey] = []
        fresh.reserveCapacity(keys.count)
        for listed in keys {
            if let last, listed.key <= last {
                guard listed.key == last else {
                    throw KVError(
                        .malformedAnswer, "the list of keys is not in order: \(listed.key) comes after \(last)")
                }
                tally.update { $0.keysDoubled += 1 }
                continue
            }
            guard listed.key.hasPrefix(prefix) else {
                throw KVError(
                    .malformedAnswer, "the list holds \(listed.key), which does not start with \(prefix)")
            }
            last = listed.key
            fresh.append(listed)
        }
        tally.update { [count = fresh.count] in $0.keysListed += count }
        return fresh
    }
}
