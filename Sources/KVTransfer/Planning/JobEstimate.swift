/// What is to be moved, as far as it is known before a job.
public struct JobSize: Hashable, Sendable {
    /// Keys.
    public var keys: Int
    /// Those of them whose values are not text, so that bulk reads cannot give them.
    public var notText: Int
    /// Bytes of all values.
    public var valueBytes: Int

    /// Puts a size together.
    public init(keys: Int, notText: Int = 0, valueBytes: Int = 0) {
        self.keys = keys
        self.notText = notText
        self.valueBytes = valueBytes
    }
}

/// What a job will take of the API: requests, which are limited, and operations, which are billed.
public struct JobEstimate: Hashable, Sendable {
    /// Requests of each kind.
    public struct Requests: Hashable, Sendable {
        /// Lists of up to 1,000 keys.
        public var lists = 0
        /// Bulk reads of up to 100 keys and 25 MiB.
        public var bulkReads = 0
        /// Reads of one value each.
        public var singleReads = 0
        /// Bulk writes of up to 10,000 pairs and 95 MB.
        public var bulkWrites = 0

        /// Bulk deletions of up to 10,000 keys.
        public var bulkDeletes = 0

        /// Puts requests together.
        public init(
            lists: Int = 0, bulkReads: Int = 0, singleReads: Int = 0, bulkWrites: Int = 0, bulkDeletes: Int = 0
        ) {
            self.lists = lists
            self.bulkReads = bulkReads
            self.singleReads = singleReads
            self.bulkWrites = bulkWrites
            self.bulkDeletes = bulkDeletes
        }

        /// All of them.
        public var total: Int { lists + bulkReads + singleReads + bulkWrites + bulkDeletes }

        static func + (one: Self, other: Self) -> Self {
            Self(
                lists: one.lists + other.lists, bulkReads: one.bulkReads + other.bulkReads,
                singleReads: one.singleReads + other.singleReads, bulkWrites: one.bulkWrites + other.bulkWrites,
                bulkDeletes: one.bulkDeletes + other.bulkDeletes)
        }
    }

    /// Operations of each kind, as they are billed: each key of a bulk request is one.
    public struct Operations: Hashable, Sendable {
        /// Values read.
        public var reads = 0
        /// Values written.
        public var writes = 0
        /// Lists.
        public var lists = 0
        /// Keys deleted.
        public var deletes = 0

        /// Puts operations together.
        public init(reads: Int = 0, writes: Int = 0, lists: Int = 0, deletes: Int = 0) {
            self.reads = reads
            self.writes = writes
            self.lists = lists
            self.deletes = deletes
        }
    }

    /// The API's limit: 1,200 requests in five minutes for all that a user runs (API reference, limits).
    public static let requestsPerFiveMinutes = 1_200

    /// The requests.
    public var requests: Requests
    /// The operations.
    public var operations: Operations

    /// Reading all of a namespace: a backup, or one side of a comparison.
    ///
    /// Which values are not text is taken to be known, as it is from an earlier archive; a first backup looks for them.
    public static func reading(_ size: JobSize) -> Self {
        let inBulk = max(0, size.keys - size.notText)
        let bytes = size.keys > 0 ? size.valueBytes / size.keys * inBulk : 0
        let requests = Requests(
            lists: RequestFloor.listing(keys: size.keys),
            bulkReads: max(quotient(inBulk, KVLimits.bulkGetKeys), quotient(bytes, KVLimits.bulkGetBytes)),
            singleReads: min(size.notText, size.keys))
        return Self(requests: requests, operations: Operations(reads: size.keys, lists: requests.lists))
    }

    /// Writing all records: a restore or an import.
    ///
    /// One list tells that the target is empty.
    public static func writing(_ size: JobSize) -> Self {
        // Base64 takes four bytes for three; escapes and names are small beside that.
        let inBase64 = size.keys > 0 ? size.valueBytes / size.keys * size.notText : 0
        let bytes = size.valueBytes + inBase64 / 3
        let requests = Requests(
            lists: 1,
            bulkWrites: max(RequestFloor.writing(keys: size.keys), quotient(bytes, Chunker.requestBytesDefault)))
        return Self(requests: requests, operations: Operations(writes: size.keys, lists: 1))
    }

    /// Listing all keys, as a mirror does of both sides before it writes, or a comparison that is quick.
    public static func listing(_ size: JobSize) -> Self {
        let lists = RequestFloor.listing(keys: size.keys)
        return Self(requests: Requests(lists: lists), operations: Operations(lists: lists))
    }

    /// Deleting so many keys.
    public static func deleting(keys: Int) -> Self {
        Self(
            requests: Requests(bulkDeletes: RequestFloor.deleting(keys: keys)), operations: Operations(deletes: keys))
    }

    /// Sending the same requests again that read something; a bulk read is taken for one of 100 keys, which is the most.
    ///
    /// - Parameter requests: Requests by the names of their kinds, as reports have them.
    /// - Returns: What they take.
    public static func reading(again requests: [String: Int]) -> Self {
        func count(_ kind: RequestKind) -> Int { requests[kind.rawValue] ?? 0 }
        let again = Requests(
            lists: count(.keyList), bulkReads: count(.bulkGet), singleReads: count(.valueGet) + count(.metadataGet))
        let reads = again.bulkReads * KVLimits.bulkGetKeys + again.singleReads
        return Self(requests: again, operations: Operations(reads: reads, lists: again.lists))
    }

    /// Both, one after the other or side by side.
    public static func + (one: Self, other: Self) -> Self {
        Self(
            requests: one.requests + other.requests,
            operations: Operations(
                reads: one.operations.reads + other.operations.reads,
                writes: one.operations.writes + other.operations.writes,
                lists: one.operations.lists + other.operations.lists,
                deletes: one.operations.deletes + other.operations.deletes))
    }

    /// How long so many requests take, in seconds.
    ///
    /// - Parameter share: The share of the limit that is used.
    /// - Returns: The seconds.
    public func seconds(share: Double = 1) -> Double {
        Double(requests.total) * 300 / (Double(Self.requestsPerFiveMinutes) * share)
    }

    /// The price in dollars on the paid plan, once what is included in a month is used up: 0.50 for a million reads, 5 for a
    /// million writes, lists or deletions (Workers KV pricing).
    public var dollars: Double {
        (Double(operations.reads) * 0.5 + Double(operations.writes + operations.lists + operations.deletes) * 5)
            / 1_000_000
    }

    /// How many days the free plan's daily quotas allow it in: 100,000 reads, 1,000 each of writes, lists and deletions (Workers KV
    /// limits).
    public var freeDays: Int {
        [
            Self.quotient(operations.reads, 100_000), Self.quotient(operations.writes, 1_000),
            Self.quotient(operations.lists, 1_000), Self.quotient(operations.deletes, 1_000),
        ].max() ?? 0
    }

    private static func quotient(_ count: Int, _ size: Int) -> Int { (count + size - 1) / size }
}
