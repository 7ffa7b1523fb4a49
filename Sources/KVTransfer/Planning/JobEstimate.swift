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

    /// The same without what cannot be: no more values that are not text than keys, and nothing beyond nine quadrillion, as
    /// a manifest may claim.
    var bounded: Self {
        let range = 0...1 << 53
        func bounded(_ count: Int) -> Int { min(max(count, range.lowerBound), range.upperBound) }
        let keys = bounded(keys)
        return Self(keys: keys, notText: min(bounded(notText), keys), valueBytes: bounded(valueBytes))
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
        public var total: Int { [lists, bulkReads, singleReads, bulkWrites, bulkDeletes].boundedSum }

        static func + (one: Self, other: Self) -> Self {
            Self(
                lists: one.lists.addingBounded(other.lists),
                bulkReads: one.bulkReads.addingBounded(other.bulkReads),
                singleReads: one.singleReads.addingBounded(other.singleReads),
                bulkWrites: one.bulkWrites.addingBounded(other.bulkWrites),
                bulkDeletes: one.bulkDeletes.addingBounded(other.bulkDeletes))
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
        let size = size.bounded
        let inBulk = size.keys - size.notText
        let bytes = size.keys > 0 ? size.valueBytes / size.keys * inBulk : 0
        let requests = Requests(
            lists: RequestFloor.listing(keys: size.keys),
            bulkReads: max(RequestFloor.getting(keys: inBulk), RequestFloor.quotient(bytes, KVLimits.bulkGetBytes)),
            singleReads: size.notText)
        return Self(requests: requests, operations: Operations(reads: size.keys, lists: requests.lists))
    }

    /// Writing all records: a restore or an import.
    ///
    /// One list tells that the target is empty.
    public static func writing(_ size: JobSize) -> Self {
        let size = size.bounded
        // Base64 takes four bytes for three; escapes and names are small beside that.
        let inBase64 = size.keys > 0 ? size.valueBytes / size.keys * size.notText : 0
        let bytes = size.valueBytes + inBase64 / 3
        let requests = Requests(
            lists: 1,
            bulkWrites: max(
                RequestFloor.writing(keys: size.keys), RequestFloor.quotient(bytes, Chunker.requestBytesDefault)))
        return Self(requests: requests, operations: Operations(writes: size.keys, lists: 1))
    }

    /// Listing all keys, as a mirror does of both sides before it writes, or a comparison that is quick.
    public static func listing(_ size: JobSize) -> Self {
        let size = size.bounded
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
            lists: count(.keyList), bulkReads: count(.bulkGet),
            singleReads: count(.valueGet).addingBounded(count(.metadataGet)))
        let reads = again.bulkReads.multipliedBounded(by: KVLimits.bulkGetKeys).addingBounded(again.singleReads)
        return Self(requests: again, operations: Operations(reads: reads, lists: again.lists))
    }

    /// Both, one after the other or side by side.
    public static func + (one: Self, other: Self) -> Self {
        Self(
            requests: one.requests + other.requests,
            operations: Operations(
                reads: one.operations.reads.addingBounded(other.operations.reads),
                writes: one.operations.writes.addingBounded(other.operations.writes),
                lists: one.operations.lists.addingBounded(other.operations.lists),
                deletes: one.operations.deletes.addingBounded(other.operations.deletes)))
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
        let others = Double(operations.writes) + Double(operations.lists) + Double(operations.deletes)
        return (Double(operations.reads) * 0.5 + others * 5) / 1_000_000
    }

    /// How many days the free plan's daily quotas allow it in: 100,000 reads, 1,000 each of writes, lists and deletions (Workers KV
    /// limits).
    public var freeDays: Int {
        [
            RequestFloor.quotient(operations.reads, 100_000), RequestFloor.quotient(operations.writes, 1_000),
            RequestFloor.quotient(operations.lists, 1_000), RequestFloor.quotient(operations.deletes, 1_000),
        ].max() ?? 0
    }
}
