/// How much of records is looked at.
public enum RecordDepth: Hashable, Sendable {
    /// Value, metadata and expiration.
    case everything
    /// Metadata and expiration: what a list of keys says.
    case details
    /// That they are there.
    case keys

    /// A record without what is not looked at.
    func reduced(_ line: RecordLine) -> RecordLine {
        switch self {
        case .everything: line
        case .details:
            RecordLine(KVRecord(key: line.key, value: [], metadata: line.metadata, expiration: line.expiration))
        // The expiration tells who compares that a key which is gone has expired.
        case .keys: RecordLine(KVRecord(key: line.key, value: [], expiration: line.expiration))
        }
    }
}

/// The records of another source without what is not looked at.
public struct ReducedSource: RecordSource {
    private let source: any RecordSource
    private let depth: RecordDepth

    /// A source of less.
    ///
    /// - Parameters:
    ///   - source: The records.
    ///   - depth: What stays of them.
    public init(_ source: any RecordSource, depth: RecordDepth) {
        self.source = source
        self.depth = depth
    }

    /// The other source's name.
    public var name: String { source.name }

    /// What the other source could not read: there, but not to be compared.
    public var holes: [Hole] { source.holes }

    /// Walks the other source's records.
    public func forEachBatch(_ body: ([RecordLine]) async throws -> Void) async throws {
        try await source.forEachBatch { try await body($0.map(depth.reduced)) }
    }
}

/// What a list says of the records of a namespace: keys, metadata and expirations, without values; a hundredth of the
/// requests that reading them takes.
public struct ListedSource: RecordSource {
    private let namespace: Namespace
    private let client: KVClient
    private let prefix: KVKey

    /// A source for a namespace.
    ///
    /// - Parameters:
    ///   - namespace: The namespace.
    ///   - client: A client for its account.
    ///   - prefix: What keys must start with.
    public init(_ namespace: Namespace, client: KVClient, prefix: KVKey = "") {
        self.namespace = namespace
        self.client = client
        self.prefix = prefix
    }

    /// The namespace's title.
    public var name: String { "namespace \(KVKey(namespace.title))" }

    /// None: a list reads no values.
    public var holes: [Hole] { [] }

    /// Walks the list.
    public func forEachBatch(_ body: ([RecordLine]) async throws -> Void) async throws {
        var keys = ListedKeys(client, namespace.id, prefix: prefix)
        var batch: [RecordLine] = []
        while let listed = try await keys.next()?.listed {
            batch.append(
                RecordLine(
                    KVRecord(key: listed.key, value: [], metadata: listed.metadata, expiration: listed.expiration)))
            guard batch.count == KVLimits.listMaximum else { continue }
            try await body(batch)
            batch = []
        }
        if !batch.isEmpty { try await body(batch) }
    }
}
