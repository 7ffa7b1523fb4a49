/// How many sizes fall between one power of four and the next.
public struct SizeHistogram: Hashable, Sendable {
    /// Sizes of a range.
    public struct Bucket: Hashable, Sendable {
        /// The sizes, in bytes.
        public let bytes: ClosedRange<Int>
        /// How many there were.
        public fileprivate(set) var count = 0
        /// Their sum, in bytes.
        public fileprivate(set) var totalBytes = 0
    }

    /// The buckets, ascending: 0 bytes, 1–3, 4–15, and so on to the largest size there can be.
    public private(set) var buckets: [Bucket]

    /// An empty histogram.
    ///
    /// - Parameter largest: The largest size there can be; larger ones count with it.
    init(largest: Int) {
        buckets = [Bucket(bytes: 0...0)]
        var lower = 1
        while lower <= largest {
            buckets.append(Bucket(bytes: lower...min(4 * lower - 1, largest)))
            lower *= 4
        }
    }

    /// Counts a size.
    mutating func add(_ bytes: Int) {
        let bits = Int.bitWidth - bytes.leadingZeroBitCount
        let index = min((bits + 1) / 2, buckets.count - 1)
        buckets[index].count += 1
        buckets[index].totalBytes += bytes
    }

    /// The buckets from the first to the last that hold something; none when all are empty.
    public var used: ArraySlice<Bucket> {
        guard let first = buckets.firstIndex(where: { $0.count > 0 }),
            let last = buckets.lastIndex(where: { $0.count > 0 })
        else { return [] }
        return buckets[first...last]
    }
}
