public import KVModel

/// What is inside an archive, as counted by a walk over its records.
///
/// A value that is fed with records in the order of their keys. Its memory depends on none of them: histograms have a
/// fixed number of buckets, and of keys and prefixes only the heaviest are kept.
public struct ArchiveStatistics: Sendable {
    /// A key and the size of its value.
    public struct SizedKey: Hashable, Sendable {
        /// The key.
        public let key: KVKey
        /// The bytes of its value.
        public let valueBytes: Int
        /// What the value looks like.
        public let kind: ValueKind
    }

    /// How many of the largest values are named.
    public static let largestLimit = 20

    /// The same numbers that the manifest has, but for the compressed bytes, which records do not know of.
    public private(set) var totals = ArchiveTotals()
    /// The bytes of all keys.
    public private(set) var keyBytes = 0
    /// The sizes of values.
    public private(set) var valueSizes = SizeHistogram(largest: KVLimits.valueBytes)
    /// The sizes of metadata, of the records that have some.
    public private(set) var metadataSizes = SizeHistogram(largest: RecordLine.metadataBytesMaximum)
    /// The bytes of all metadata.
    public private(set) var metadataBytes = 0
    /// The bytes of the longest metadata.
    public private(set) var largestMetadataBytes = 0
    /// When records expire.
    public private(set) var expirations: ExpirationSpread
    private var kinds: [ValueKind: RecordSum] = [:]
    private var largest = Heaviest<SizedKey>(limit: largestLimit)
    private var firstLevel = PrefixCounter()
    private var secondLevel = PrefixCounter()

    /// Nothing yet.
    ///
    /// - Parameter moment: The moment that expirations are seen from.
    public init(at moment: UnixTime) { expirations = ExpirationSpread(at: moment) }

    /// Counts a record; its key must come after all keys counted before.
    public mutating func count(_ line: RecordLine) {
        totals.count(line)
        keyBytes += line.key.utf8.count
        valueSizes.add(line.valueBytes)
        expirations.add(line)
        if line.hasMetadata { countMetadata(line.metadataBytes) }
        let kind = ValueKind(of: line)
        kinds[kind, default: RecordSum()].add(valueBytes: line.valueBytes)
        largest.offer(SizedKey(key: line.key, valueBytes: line.valueBytes, kind: kind), weight: line.valueBytes)
        let prefixes = line.key.prefixes
        firstLevel.add(prefixes.first, valueBytes: line.valueBytes)
        secondLevel.add(prefixes.second, valueBytes: line.valueBytes)
    }

    private mutating func countMetadata(_ bytes: Int) {
        metadataSizes.add(bytes)
        metadataBytes += bytes
        largestMetadataBytes = max(largestMetadataBytes, bytes)
    }

    /// The records whose values are of a kind.
    public func sum(of kind: ValueKind) -> RecordSum { kinds[kind] ?? RecordSum() }

    /// The keys of the largest values, the largest first; of equals, in the order of keys.
    public var largestValues: [SizedKey] { largest.elements }

    /// The heaviest prefixes up to the first `:` or `/` of keys.
    public var firstPrefixes: PrefixWeights { firstLevel.weights }

    /// The heaviest prefixes up to the second `:` or `/` of keys.
    public var secondPrefixes: PrefixWeights { secondLevel.weights }
}
