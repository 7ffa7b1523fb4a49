/// How many keys the next bulk get should ask for, judged by what recent values weighed.
///
/// An answer holds at most 25 MiB (API reference, get multiple key-value pairs); asking for more costs a refused
/// request. Small values are asked for 100 at a time, the API's maximum.
struct BatchSizer {
    /// How many value bytes a batch aims at: far enough below the limit that one heavy value among light ones fits.
    static let targetBytes = 8 * 1024 * 1024

    private var averageBytes = 0.0

    /// The number of keys to ask for.
    var keys: Int {
        guard averageBytes > 0 else { return KVLimits.bulkGetKeys }
        return min(KVLimits.bulkGetKeys, max(1, Int(Double(Self.targetBytes) / averageBytes)))
    }

    /// Learns from a batch.
    mutating func observe(_ lines: [RecordLine]) {
        guard !lines.isEmpty else { return }
        let bytes = Double(lines.reduce(0) { $0 + $1.valueBytes }) / Double(lines.count)
        // Half of the weight is on the last batch: quick to shrink, and quick to grow back.
        averageBytes = averageBytes == 0 ? bytes : (averageBytes + bytes) / 2
    }
}
