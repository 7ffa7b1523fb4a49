/// How large the next bulk write may be: halved when one was too much, and grown back while they succeed.
struct ChunkSize: Hashable, Sendable {
    /// Nothing is gained by requests below these sizes.
    private static let pairsMinimum = 100
    private static let bytesMinimum = 1 << 20

    /// The most pairs.
    private(set) var pairs = KVLimits.bulkWritePairs
    /// The most bytes.
    private(set) var bytes = Chunker.requestBytesDefault

    /// Learns that a request of this size was too much.
    mutating func shrink(below lines: [RecordLine]) {
        let bytes = lines.reduce(0) { $0 + $1.text.count + 1 }
        pairs = max(Self.pairsMinimum, min(pairs, lines.count / 2))
        self.bytes = max(Self.bytesMinimum, min(self.bytes, bytes / 2))
    }

    /// Learns that a request was taken.
    mutating func grow() {
        pairs = min(KVLimits.bulkWritePairs, pairs + pairs / 4)
        bytes = min(Chunker.requestBytesDefault, bytes + bytes / 4)
    }
}
