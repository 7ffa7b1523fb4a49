/// How large the next bulk write may be: halved when one was too much, and grown back while they succeed.
///
/// What was too much once is stayed away from for a while; otherwise every few requests would grow into the next failure.
package struct ChunkSize: Hashable, Sendable {
    /// Nothing is gained by requests below these sizes.
    package static let pairsMinimum = 100
    package static let bytesMinimum = 1 << 20
    /// After so many requests that were taken, a size that was too much is tried again: the reason may be gone.
    package static let requestsBeforeAnotherTry = 16

    /// The most pairs.
    package private(set) var pairs = KVLimits.bulkWritePairs
    /// The most bytes.
    package private(set) var bytes = Chunker.requestBytesDefault

    private var pairsCeiling = KVLimits.bulkWritePairs
    private var bytesCeiling = Chunker.requestBytesDefault
    private var requestsUntilAnotherTry = 0

    /// Starts with the largest.
    package init() {}

    /// Learns that a request of this size was too much.
    package mutating func shrink(failed: Extent) {
        pairs = max(Self.pairsMinimum, min(pairs, failed.pairs / 2))
        bytes = max(Self.bytesMinimum, min(bytes, failed.bytes / 2))
        pairsCeiling = max(Self.pairsMinimum, min(pairsCeiling, failed.pairs / 4 * 3))
        bytesCeiling = max(Self.bytesMinimum, min(bytesCeiling, failed.bytes / 4 * 3))
        requestsUntilAnotherTry = Self.requestsBeforeAnotherTry
    }

    /// Learns that a request of this size was taken.
    package mutating func grow(taken: Extent) {
        // That a small one was taken says nothing of large ones.
        guard taken.pairs >= pairs / 2 || taken.bytes >= bytes / 2 else { return }
        requestsUntilAnotherTry -= 1
        if requestsUntilAnotherTry <= 0 {
            pairsCeiling = KVLimits.bulkWritePairs
            bytesCeiling = Chunker.requestBytesDefault
        }
        pairs = max(pairs, min(pairsCeiling, pairs + pairs / 4))
        bytes = max(bytes, min(bytesCeiling, bytes + bytes / 4))
    }

    /// How many of some lines one request may have: all of them, or as many as fit, but at least one.
    package func fitting(_ lines: [RecordLine]) -> Int {
        var extent = Extent()
        for (index, line) in lines.enumerated() {
            extent.add(line)
            if index > 0, extent.pairs > pairs || extent.bytes > bytes { return index }
        }
        return lines.count
    }

    /// How much a request has.
    package struct Extent: Hashable, Sendable {
        /// Pairs.
        package var pairs = 0
        /// Bytes, with the commas or brackets around pairs.
        package var bytes = 0

        package init(pairs: Int = 0, bytes: Int = 0) {
            self.pairs = pairs
            self.bytes = bytes
        }

        package init(_ lines: [RecordLine]) {
            self.init()
            for line in lines { add(line) }
        }

        mutating func add(_ line: RecordLine) {
            pairs += 1
            bytes += line.text.count + 1
        }

        /// Whether a request may be too much because of its size alone.
        package var isLarge: Bool { pairs > 1 && (bytes > bytesMinimum || pairs > pairsMinimum) }
    }
}
