import KVModel
import KVTransfer
import Testing

/// How many keys the next bulk get asks for.
@Suite struct ReadPlanTests {
    @Test func `as long as nothing is known, a bulk get asks for as many keys as the API allows`() {
        #expect(ReadPlan().groupKeys == KVLimits.bulkGetKeys)
    }

    @Test(arguments: [(300, 100), (100_000, 83), (1 << 20, 8), (8 << 20, 1), (25 << 20, 1)])
    func `heavy texts are asked for in groups of some eight mebibytes`(bytes: Int, keys: Int) {
        var plan = ReadPlan()
        for _ in 0..<20 { plan.observeTexts(count: 10, bytes: bytes * 10) }
        #expect(plan.groupKeys == keys)
    }

    @Test func `texts that are heavy at first and light later are asked for in bulk again`() {
        var plan = ReadPlan()
        plan.observeTooLarge(keys: 2)
        #expect(plan.groupKeys == 1)
        var readAlone = 0
        while plan.groupKeys < KVLimits.bulkGetKeys, readAlone < 1_000 {
            plan.observe(isText: true, bytes: 200)
            readAlone += 1
        }
        #expect(readAlone < 20)
    }

    @Test func `the more values are not text, the fewer keys a bulk get asks for, and none in a series of them`() {
        var plan = ReadPlan()
        var sizes: [Int] = []
        for _ in 0..<200 {
            plan.observeTexts(count: 9, bytes: 900)
            plan.observe(isText: false, bytes: 100)
            sizes.append(plan.groupKeys)
        }
        #expect((3...12).contains(sizes[199]), "\(sizes[199])")
        plan.observe(isText: false, bytes: 100)
        plan.observe(isText: false, bytes: 100)
        #expect(plan.groupKeys == 1)
        for _ in 0..<3 { plan.observe(isText: true, bytes: 100) }
        #expect(plan.groupKeys > 1)
    }

    @Test func `after a series of values that are not text, texts are soon asked for in bulk again`() {
        var plan = ReadPlan()
        for _ in 0..<1_000 { plan.observe(isText: false, bytes: 1_000) }
        #expect(plan.groupKeys == 1)
        var requests = 0
        while plan.groupKeys < KVLimits.bulkGetKeys, requests < 1_000 {
            let keys = plan.groupKeys
            // A text that is read alone takes two requests: its details come in bulk.
            requests += plan.readsAlone ? 2 : 1
            if plan.readsAlone {
                plan.observe(isText: true, bytes: 200)
            } else {
                plan.observeTexts(count: keys, bytes: keys * 200)
            }
        }
        #expect(requests < 45, "\(requests)")
    }

    @Test func `bulk gets that fail throughout are given up for longer and longer, and never for good`() {
        var plan = ReadPlan()
        var pauses: [Int] = []
        for _ in 0..<3 {
            var failures = 0
            while plan.groupKeys > 1, failures < 100 {
                plan.observeFailure()
                failures += 1
            }
            #expect((8..<100).contains(failures), "halving for one bad key must not look like this")
            var keys = 0
            while plan.groupKeys == 1, keys < 100_000 {
                plan.observe(isText: true, bytes: 100)
                keys += 1
            }
            pauses.append(keys)
        }
        #expect(pauses[0] < pauses[1] && pauses[1] < pauses[2] && pauses[2] < 100_000, "\(pauses)")
    }

    @Test func `a server without bulk get is not asked again`() {
        var plan = ReadPlan()
        plan.observeNoBulkGet()
        for _ in 0..<100_000 { plan.observe(isText: true, bytes: 100) }
        #expect(plan.groupKeys == 1)
    }
}
