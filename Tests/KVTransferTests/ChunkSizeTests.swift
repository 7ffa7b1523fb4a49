import KVTransfer
import Testing

@Suite struct ChunkSizeTests {
    typealias Extent = ChunkSize.Extent

    private static let mostBytes = ChunkSize().bytes

    /// What sizes a run of requests gets that are each as large as they may be, and fail above a limit.
    private static func sizes(_ count: Int, pairsLimit: Int) -> (sizes: [Int], failures: Int) {
        var size = ChunkSize()
        var sizes: [Int] = []
        var failures = 0
        for _ in 0..<count {
            sizes.append(size.pairs)
            let extent = Extent(pairs: size.pairs, bytes: size.pairs * 200)
            if size.pairs > pairsLimit {
                failures += 1
                size.shrink(failed: extent)
            } else {
                size.grow(taken: extent)
            }
        }
        return (sizes, failures)
    }

    @Test func `it starts with the largest request the API takes`() {
        #expect(ChunkSize().pairs == 10_000)
        #expect(ChunkSize().bytes == 95_000_000)
    }

    @Test func `a failure halves both`() {
        var size = ChunkSize()
        size.shrink(failed: Extent(pairs: 8_000, bytes: 40_000_000))
        #expect(size.pairs == 4_000 && size.bytes == 20_000_000)
        // One that was already in flight teaches nothing new.
        size.shrink(failed: Extent(pairs: 10_000, bytes: 90_000_000))
        #expect(size.pairs == 4_000 && size.bytes == 20_000_000)
    }

    @Test func `it never becomes so small that nothing is gained`() {
        var size = ChunkSize()
        for _ in 0..<30 { size.shrink(failed: Extent(pairs: 2, bytes: 10)) }
        #expect(size.pairs == ChunkSize.pairsMinimum)
        #expect(size.bytes == ChunkSize.bytesMinimum)
    }

    @Test func `successes grow it again, up to where it started`() {
        var size = ChunkSize()
        for _ in 0..<5 { size.shrink(failed: Extent(pairs: 200, bytes: 2_000_000)) }
        for _ in 0..<100 { size.grow(taken: Extent(pairs: size.pairs, bytes: size.bytes)) }
        #expect(size.pairs == 10_000 && size.bytes == Self.mostBytes)
    }

    @Test func `the success of a small request says nothing of large ones`() {
        var size = ChunkSize()
        size.shrink(failed: Extent(pairs: 8_000, bytes: 40_000_000))
        for _ in 0..<100 { size.grow(taken: Extent(pairs: 3, bytes: 300)) }
        #expect(size.pairs == 4_000 && size.bytes == 20_000_000)
    }

    @Test func `a size that was too much is not grown into again and again`() {
        let (sizes, failures) = Self.sizes(100, pairsLimit: 4_500)
        // 10,000 and 5,000 at first; then one in some 16 requests.
        #expect(failures <= 2 + 100 / ChunkSize.requestsBeforeAnotherTry)
        #expect(sizes.suffix(80).allSatisfy { $0 >= 2_000 })
    }

    @Test func `a failure that has passed is forgotten`() {
        var size = ChunkSize()
        size.shrink(failed: Extent(pairs: 10_000, bytes: Self.mostBytes))
        for _ in 0..<2 * ChunkSize.requestsBeforeAnotherTry {
            size.grow(taken: Extent(pairs: size.pairs, bytes: size.bytes))
        }
        #expect(size.pairs == 10_000 && size.bytes == Self.mostBytes)
    }

    @Test func `lines are cut where one of the two is reached, and never to nothing`() {
        var size = ChunkSize()
        let small = (0..<300).map { RecordLine(KVRecord(key: KVKey("k\($0)"), text: "v")) }
        #expect(size.fitting(small) == 300)
        #expect(size.fitting([]) == 0)
        size.shrink(failed: Extent(pairs: 200, bytes: 5_000))
        #expect(size.fitting(small) == ChunkSize.pairsMinimum)
        let large = (0..<3).map {
            RecordLine(KVRecord(key: KVKey("k\($0)"), value: Array(repeating: 0x61, count: 700_000)))
        }
        #expect(size.fitting(large) == 1)
        let larger = RecordLine(KVRecord(key: "k", value: Array(repeating: 0x61, count: 3_000_000)))
        #expect(size.fitting([larger, larger]) == 1)
        #expect(size.fitting([larger]) == 1)
    }

    @Test(arguments: [
        (Extent(pairs: 1, bytes: 90_000_000), false), (Extent(pairs: 100, bytes: 1 << 20), false),
        (Extent(pairs: 101, bytes: 5_000), true), (Extent(pairs: 2, bytes: (1 << 20) + 1), true),
    ])
    func `only a request of some size is blamed on its size`(extent: Extent, isLarge: Bool) {
        #expect(extent.isLarge == isLarge)
    }
}
