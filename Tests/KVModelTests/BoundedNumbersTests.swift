import KVModel
import Testing

@Suite struct BoundedNumbersTests {
    @Test(
        arguments: [
            (0.0, 0), (-0.0, 0), (0.999, 0), (-0.999, 0), (1.5, 1), (-1.5, -1), (1e18, 1_000_000_000_000_000_000),
            (9.3e18, .max), (-9.3e18, .min), (1e308, .max), (-1e308, .min), (.infinity, .max), (-.infinity, .min),
            (.nan, 0), (9_223_372_036_854_775_808.0, .max), (-9_223_372_036_854_775_808.0, .min),
        ] as [(Double, Int)])
    func `a number with a point becomes a whole one of the range`(number: Double, whole: Int) {
        #expect(Int(bounded: number) == whole)
    }

    @Test func `sums, differences and products stay in the range`() {
        let edges: [Int] = [.min, .min + 1, -2, -1, 0, 1, 2, .max - 1, .max]
        for one in edges {
            for other in edges {
                let (wide, next) = (Double(one), Double(other))
                func agrees(_ bounded: Int, _ exact: Double) -> Bool {
                    if exact >= 9.3e18 { return bounded == .max }
                    return exact <= -9.3e18 ? bounded == .min : abs(Double(bounded) - exact) <= 4_096
                }
                #expect(agrees(one.addingBounded(other), wide + next), "\(one) + \(other)")
                #expect(agrees(one.subtractingBounded(other), wide - next), "\(one) - \(other)")
                #expect(agrees(one.multipliedBounded(by: other), wide * next), "\(one) * \(other)")
            }
        }
        #expect(Int.max.addingBounded(1) == .max && Int.min.addingBounded(-1) == .min)
        #expect(Int.min.subtractingBounded(1) == .min && Int.max.subtractingBounded(-1) == .max)
        #expect((-1).multipliedBounded(by: .min) == .max && Int.min.multipliedBounded(by: 2) == .min)
        #expect([Int.max, .max, 1].boundedSum == .max)
        #expect([1, 2, 3].boundedSum == 6)
    }

    @Test(
        arguments: [
            (0, .zero), (-1, .zero), (-.infinity, .zero), (.nan, .zero), (0.5, .milliseconds(500)),
            (3_600, .seconds(3_600)), (1e300, .seconds(3_153_600_000)), (.infinity, .seconds(3_153_600_000)),
        ] as [(Double, Duration)])
    func `a time to wait is none, or a hundred years at the most`(seconds: Double, duration: Duration) {
        #expect(Duration.bounded(seconds: seconds) == duration)
    }

    @Test func `the time between two moments stays in the range`() {
        let (first, last) = (UnixTime(seconds: .min), UnixTime(seconds: .max))
        #expect(last.seconds(since: first) == .max)
        #expect(first.seconds(since: last) == .min)
        #expect(UnixTime(seconds: 7).seconds(since: UnixTime(seconds: 10)) == -3)
    }
}
