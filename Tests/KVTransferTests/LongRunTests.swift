import KVModel
import KVTestSupport
import KVTransfer
import Testing

/// What decides how a namespace is read and written, played through for as long as the largest jobs run.
@Suite struct LongRunTests {
    @Test(arguments: [1, 200, 1 << 20, 25 << 20])
    func `texts that are read one by one for ever leave a plan as it should be`(bytes: Int) {
        var plan = ReadPlan()
        for _ in 0..<100_000 {
            plan.observe(isText: true, bytes: bytes)
            guard (1...KVLimits.bulkGetKeys).contains(plan.groupKeys) else {
                Issue.record("\(plan.groupKeys) keys")
                return
            }
        }
        #expect(plan.groupKeys == (bytes <= 200 ? KVLimits.bulkGetKeys : bytes == 1 << 20 ? 8 : 1))
        // What is not text is noticed after that as soon as after texts that were read in bulk.
        var inBulk = ReadPlan()
        for _ in 0..<1_000 { inBulk.observeTexts(count: 100, bytes: 100 * bytes) }
        for _ in 0..<200 {
            plan.observe(isText: false, bytes: bytes)
            inBulk.observe(isText: false, bytes: bytes)
        }
        #expect(plan.readsAlone && inBulk.readsAlone)
    }

    @Test(arguments: Seed.several(4))
    func `whatever a million answers are, a plan asks for something the API may give`(seed: Seed) {
        var generator = seed.generator
        var plan = ReadPlan()
        for index in 0..<1_000_000 {
            Self.observe(&plan, &generator)
            let isSound =
                (1...KVLimits.bulkGetKeys).contains(plan.groupKeys) && plan.groupBytes >= 0
                && plan.nonTextValueBytes >= 0
            guard isSound else {
                Issue.record("after \(index): \(plan)")
                return
            }
        }
    }

    /// Lets a plan learn something; long stretches of one kind are what brings it to its limits.
    private static func observe(_ plan: inout ReadPlan, _ generator: inout SeededGenerator) {
        let bytes = [0, 1, 300, 5_000, 1 << 20, 25 << 20, 1 << 40, .max].randomElement(using: &generator) ?? 0
        let times = Int.random(in: 0..<1_000, using: &generator) == 0 ? 20_000 : 1
        switch Int.random(in: 0..<8, using: &generator) {
        case 0, 1, 2: for _ in 0..<times { plan.observe(isText: true, bytes: bytes) }
        case 3: for _ in 0..<times { plan.observe(isText: false, bytes: bytes) }
        case 4, 5: plan.observeTexts(count: Int.random(in: 0...100, using: &generator), bytes: bytes)
        case 6: plan.observeTooLarge(keys: Int.random(in: 0...100, using: &generator))
        default:
            for _ in 0..<min(times, 100) { plan.observeFailure() }
            plan.observeDetails(areInListAlone: Bool.random(using: &generator))
        }
    }

    @Test(arguments: Seed.several(2))
    func `whatever a million answers take, a window is as wide as it may be`(seed: Seed) {
        var generator = seed.generator
        let times = [0, 1e-9, 0.001, 0.08, 3, 1e9, 1e300, .infinity, .nan, -1]
        let sizes = [0, 1, 25_000, 25 << 20, 1 << 60, .max, .min]
        var window = ReadWindow(12...128)
        var held: [Int] = []
        for index in 0..<1_000_000 {
            let time = times.randomElement(using: &generator) ?? 0
            window.observe(seconds: time, isLimited: Int.random(in: 0..<50, using: &generator) == 0)
            let size = sizes.randomElement(using: &generator) ?? 0
            if held.count < 8, size >= 0, size < 1 << 60 {
                window.hold(size)
                window.begin()
                held.append(size)
            } else if let last = held.popLast() {
                window.hold(-last)
                window.end()
            }
            let width = window.width(batchBytes: size, consumed: index)
            guard (1...128).contains(width), (1...128).contains(window.widthInBatch(valueBytes: size)) else {
                Issue.record("after \(index): \(window)")
                return
            }
        }
        window.hold(.max)
        window.hold(.max)
        #expect(window.width(batchBytes: 0, consumed: 100) == 1)
    }

    @Test(arguments: Seed.several(2))
    func `whatever a million requests come to, the next one has a size that the API takes`(seed: Seed) {
        var generator = seed.generator
        let counts = [0, 1, 99, 100, 10_000, 1 << 30, .max]
        var size = ChunkSize()
        for index in 0..<1_000_000 {
            let extent = ChunkSize.Extent(
                pairs: counts.randomElement(using: &generator) ?? 0, bytes: counts.randomElement(using: &generator) ?? 0
            )
            if Int.random(in: 0..<5, using: &generator) == 0 {
                size.shrink(failed: extent)
            } else {
                size.grow(taken: extent)
            }
            guard (ChunkSize.pairsMinimum...KVLimits.bulkWritePairs).contains(size.pairs),
                (ChunkSize.bytesMinimum...KVLimits.bulkRequestBytes).contains(size.bytes)
            else {
                Issue.record("after \(index): \(size)")
                return
            }
        }
    }
}
