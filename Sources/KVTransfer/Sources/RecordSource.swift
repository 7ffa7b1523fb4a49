/// A sorted sequence of records: a namespace, an archive, or anything else that can be walked in key order.
///
/// Every job reads from a source. Keys come in strictly ascending UTF-8 byte order, each once.
public protocol RecordSource: Sendable {
    /// What the source is, for messages: `namespace "sessions"`.
    var name: String { get }

    /// Keys that exist and are not among the records, because they could not be read; complete for all keys before the
    /// last batch that was handed over.
    var holes: [Hole] { get }

    /// Keys that were named and then not there when they were read, as far as they are remembered: most had gone meanwhile.
    var doubtfulKeys: [KVKey] { get }

    /// Looks for doubtful keys again, once a walk has come to its end.
    ///
    /// - Parameter keys: The keys, of this walk and of earlier ones.
    /// - Returns: Records of those that are there now, and holes for those that are there and cannot be read.
    /// - Throws: The source's errors; `CancellationError`.
    func lookAgain(at keys: [KVKey]) async throws -> (present: [RecordLine], unreadable: [Hole])

    /// Walks all records once, a batch at a time.
    ///
    /// The next batch is made ready while the body works on the last, but only so many are held: a slow body slows the
    /// source. When the method returns, the body has seen all records; when it throws, it has not.
    ///
    /// - Parameter body: What to do with a batch of at least one record.
    /// - Throws: What the body throws, and the source's own errors: a source that cannot be read whole throws.
    func forEachBatch(_ body: ([RecordLine]) async throws -> Void) async throws
}

extension RecordSource {
    /// None.
    public var doubtfulKeys: [KVKey] { [] }

    /// Nothing.
    public func lookAgain(at keys: [KVKey]) async throws -> (present: [RecordLine], unreadable: [Hole]) { ([], []) }
}

/// Records that are already in memory, for tests and small jobs.
public struct MemorySource: RecordSource {
    /// What the source is called.
    public let name: String
    /// None.
    public let holes: [Hole] = []
    private let batches: [[RecordLine]]

    /// A source of records, sorted here.
    ///
    /// - Parameters:
    ///   - records: The records; each key once.
    ///   - name: What the source is called.
    ///   - batchRecords: How many records a batch holds.
    public init(_ records: [KVRecord], name: String = "memory", batchRecords: Int = 100) {
        self.name = name
        let lines = records.sorted { $0.key < $1.key }.map(RecordLine.init)
        batches = stride(from: 0, to: lines.count, by: max(1, batchRecords)).map {
            Array(lines[$0..<min($0 + max(1, batchRecords), lines.count)])
        }
    }

    /// Walks the records.
    public func forEachBatch(_ body: ([RecordLine]) async throws -> Void) async throws {
        for batch in batches { try await body(batch) }
    }
}
