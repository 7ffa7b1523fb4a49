// Arithmetic on numbers that others have said, and on those that grow for as long as a job runs. The plain operators and
// conversions end the process where a result leaves the range; these stay at the end of it.

extension Int {
    /// The whole part of a number, or the nearest end of the range; 0 for what is no number.
    package init(bounded number: Double) {
        self = Int(exactly: number.rounded(.towardZero)) ?? (number.isNaN ? 0 : number < 0 ? .min : .max)
    }
}

extension FixedWidthInteger {
    /// The sum, or the nearest end of the range.
    package func addingBounded(_ other: Self) -> Self {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? (other < 0 ? .min : .max) : sum
    }

    /// The difference, or the nearest end of the range.
    package func subtractingBounded(_ other: Self) -> Self {
        let (difference, overflow) = subtractingReportingOverflow(other)
        return overflow ? (other < 0 ? .max : .min) : difference
    }

    /// The product, or the nearest end of the range.
    package func multipliedBounded(by other: Self) -> Self {
        let (product, overflow) = multipliedReportingOverflow(by: other)
        return overflow ? ((self < 0) == (other < 0) ? .max : .min) : product
    }
}

extension Sequence<Int> {
    /// The sum, or the nearest end of the range.
    package var boundedSum: Int { reduce(0) { $0.addingBounded($1) } }
}

extension Duration {
    /// So many seconds, a hundred years at the most; none for a negative number, and for what is none.
    package static func bounded(seconds: Double) -> Duration {
        guard seconds > 0 else { return .zero }
        return .seconds(min(seconds, 100 * 365 * 86_400))
    }
}
