/// The records of a live namespace, read with the fewest requests the API allows.
///
/// Lists give names, 1,000 a request; bulk gets give value, metadata and expiration of up to 100 keys in one answer, so
/// that a record is never put together from two moments. Several bulk gets are in flight; the order is kept.
///
/// A key that is listed but gone when it is read is no error. A key that exists and cannot be read is a hole: it is
/// counted with its reason in the tally, and whoever uses the source must not call the result whole.
public struct NamespaceSource: ResumableSource {
    /// How a namespace is read.
    public struct Options: Sendable {
        /// What keys must start with to be read.
        public var prefix: KVKey = ""
        /// How many reads are in flight: at the most so many as the upper bound says where answers come from far away, and
        /// no more than the lower one where more would only wait for each other.
        ///
        /// Where values are heavy they are fewer.
        public var concurrency = NamespaceSource.concurrencyDefault
        /// Whether every value is read with a request of its own, which gives exact bytes whatever the server does in bulk.
        public var isExact = false
        /// Which keys are read, of those with the prefix: the others are listed only.
        public var selection = KeySelection()
        /// An earlier archive of the namespace, which tells beforehand which values were not text and how large they were.
        public var previous: Archive?

        /// The defaults: everything, in bulk.
        public init() {}
    }

    /// How many reads are in flight unless somebody says otherwise.
    public static let concurrencyDefault = 12...KVClientOptions.connectionsDefault

    /// So many unreadable keys say that the trouble is not theirs.
    private static let holesMaximum = 1_000
    /// The most keys of one batch that are read one by one, so that what an interruption loses stays small.
    private static let batchKeysAloneMaximum = 100
    /// The most keys that are passed over for one batch, so that a walk that takes few of many can be stopped and gone on
    /// from.
    private static let batchKeysPassedMaximum = 10_000

    let namespace: Namespace
    let client: KVClient
    let options: Options
    private var position = ListPosition()
    /// What happened while the namespace was read.
    public let tally = ReadTally()
    private let missing = MissingKeys()

    /// A source for a namespace.
    ///
    /// - Parameters:
    ///   - namespace: The namespace.
    ///   - client: A client for the namespace's account.
    ///   - options: How to read it.
    public init(_ namespace: Namespace, client: KVClient, options: Options = Options()) {
        self.namespace = namespace
        self.client = client
        self.options = options
    }

    /// The namespace's title.
    public var name: String { "namespace \(KVKey(namespace.title))" }

    /// What could not be read so far, and keys that were asked for by name and are not there.
    public var holes: [Hole] { tally.counts.holes + missing.holes }

    /// Where the namespace is, how it is read, and the prefix, percent-encoded.
    public var identity: String {
        "\(options.isExact ? "exact " : "")namespace \(client.options.baseURL) \(client.options.accountID) \(namespace.id) \(PercentEncoding.encode(options.prefix.utf8))"
            + options.selection.identity
    }

    /// Keys that were listed and gone when they were read.
    public var doubtfulKeys: [KVKey] { tally.counts.vanishedKeys }

    /// Asks for a minute and a half, as long as lists may lag behind.
    public func lookAgain(at keys: [KVKey]) async throws -> (present: [RecordLine], unreadable: [Hole]) {
        let found = try await VanishedKeys(client: client, namespace: namespace.id).lookAgain(at: keys)
        return (found.present, found.unreadable)
    }

    /// Only a list would tell.
    public var recordCount: Int? { nil }

    /// The prefix that is read; unknown where keys are selected in another way.
    public var scope: KVKey? { options.selection.isPrefix ? options.prefix : nil }

    /// The keys that are read.
    public var selected: KeySelection { prefixed.narrowing(options.selection) }

    private var prefixed: KeySelection {
        var selection = KeySelection()
        selection.prefix = options.prefix
        return selection
    }

    /// The same namespace, of which only such keys are read, and listed from the first that may be one of them.
    public func selecting(_ selection: KeySelection) -> any ResumableSource { reading(selection) }

    /// The same namespace, of which only such keys are read.
    func reading(_ selection: KeySelection) -> Self {
        var chosen = options
        chosen.selection = selected.narrowing(selection)
        chosen.prefix = chosen.selection.span
        return Self(namespace, client: client, options: chosen)
    }

    /// Others may write to a namespace at any time.
    public var isLive: Bool { true }

    /// The records of the namespace that follow a key; the list is walked from its start.
    public func records(after key: KVKey?) -> any RecordSource {
        var rest = Self(namespace, client: client, options: options)
        rest.position = ListPosition(lastKey: key)
        return rest
    }

    /// Walks the list of keys.
    public func forEachKeyBatch(_ body: ([KVKey]) async throws -> Void) async throws {
        var keys = ListedKeys(client, namespace.id, prefix: options.prefix, after: position)
        var selector = try KeySelector(options.selection, after: position.lastKey)
        var batch: [KVKey] = []
        while let entry = try await keys.next() {
            guard try selector.takes(entry.listed.key) else { continue }
            batch.append(entry.listed.key)
            guard batch.count == KVLimits.listMaximum else { continue }
            try await body(batch)
            batch = []
        }
        if !batch.isEmpty { try await body(batch) }
    }

    /// Walks the namespace.
    public func forEachBatch(_ body: ([RecordLine]) async throws -> Void) async throws {
        _ = try await forEachReadBatch(after: position) { batch in
            if !batch.lines.isEmpty { try await body(batch.lines) }
        }
    }

    /// Walks the namespace, or what is left of it, a batch at a time.
    ///
    /// - Parameters:
    ///   - position: Where an earlier walk has ended.
    ///   - stop: Ends the walk early once it is requested; what is in flight is still handed over.
    ///   - body: Takes a batch, also one whose keys are all gone.
    /// - Returns: Whether the end of the list was reached.
    /// - Throws: ``KVError`` and what the body throws.
    func forEachReadBatch(
        after position: ListPosition = ListPosition(), stop: StopRequest? = nil,
        _ body: (ReadBatch) async throws -> Void
    ) async throws -> Bool {
        try await withListedKeys(after: position) { keys in
            try await forEachReadBatch(of: keys, after: position.lastKey, stop: stop, body)
        }
    }

    /// Lends the list, read ahead where it is going to be read to its end.
    func withListedKeys<Result>(
        after position: ListPosition = ListPosition(), _ body: (ListedKeys) async throws -> Result
    ) async throws -> Result {
        guard options.selection.named != nil else {
            return try await withKeysListedAhead(client, namespace.id, prefix: options.prefix, after: position, body)
        }
        return try await body(ListedKeys(client, namespace.id, prefix: options.prefix, after: position))
    }

    private func forEachReadBatch(
        of listed: ListedKeys, after key: KVKey?, stop: StopRequest?, _ body: (ReadBatch) async throws -> Void
    ) async throws -> Bool {
        let planner = ReadPlanner(widths: options.concurrency)
        let reader = BatchReader(
            client: client, namespace: namespace.id, planner: planner, isExact: options.isExact)
        var keys = listed
        var selector = try KeySelector(options.selection, after: key, missing: missing)
        var isAtEnd = false
        var holes = 0
        try await withValueHints(from: options.previous, prefix: options.prefix, after: key) { hints in
            // A cursor is lent by reference and cannot be captured; a copy serves, because only this task moves it.
            var hints = hints
            try await forEachInOrder(width: planner.width(consumed:)) {
                if stop?.isRequested == true { return nil }
                let batch = try await Self.nextBatch(
                    of: options.isExact ? 1 : planner.groupKeys, from: &keys, &selector, &hints)
                isAtEnd = batch == nil
                planner.hold(batch?.hintedBytes ?? 0)
                return batch
            } transform: { batch in
                (hintedBytes: batch.hintedBytes, first: try await reader.read(batch))
            } consume: { (hintedBytes: Int, first: ReadBatch) in
                defer { planner.release(hintedBytes) }
                try await reader.finish(first) { read in
                    holes += read.counts.holes.count
                    try checkHoles(holes, read.counts)
                    tally.add(read.counts)
                    try await body(read)
                }
            }
        }
        tally.add(keys.takeCounts())
        if isAtEnd { try selector.finish() }
        return isAtEnd
    }

    /// The next keys for one reader: as many as one bulk get asks for, and those between them that are known not to be text.
    private static func nextBatch(
        of limit: Int, from keys: inout ListedKeys, _ selector: inout KeySelector, _ hints: inout ValueHints
    ) async throws -> KeyBatch? {
        var batch = KeyBatch()
        var inBulk = 0
        var alone = 0
        var expectedBytes = 0
        var passed = 0
        while inBulk < limit, alone < batchKeysAloneMaximum, expectedBytes < ReadPlan.targetBytes,
            passed < batchKeysPassedMaximum, try !selector.isExhausted, let entry = try await keys.next()
        {
            guard try selector.takes(entry.listed.key) else {
                passed += 1
                batch.end = ListPosition(lastKey: entry.listed.key, cursor: entry.pageCursor)
                continue
            }
            batch.end = nil
            let hint = await hints.hint(for: entry.listed.key)
            if hint?.isText == false { alone += 1 } else { inBulk += 1 }
            expectedBytes += hint?.bytes ?? 0
            batch.keys.append(PlannedKey(listed: entry.listed, hint: hint, pageCursor: entry.pageCursor))
            // Such keys go with those of a bulk get that stand around them; where there are none, each may go by itself.
            if inBulk == 0 { break }
        }
        if batch.keys.isEmpty, batch.end == nil { return nil }
        batch.counts = keys.takeCounts()
        return batch
    }

    /// Ends the walk when so many keys in this run could not be read; those of earlier runs are behind it.
    private func checkHoles(_ count: Int, _ counts: ReadTally.Counts) throws(KVError) {
        guard count > Self.holesMaximum, let last = counts.holes.last else { return }
        throw KVError(
            .serverFailed,
            "more than \(Self.holesMaximum) keys could not be read, the last was \(last.key): \(last.reason)")
    }
}
