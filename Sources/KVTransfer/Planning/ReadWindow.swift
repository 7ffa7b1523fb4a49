/// Decides how many reads are in flight, from how long answers take; pure, so that it can be tested alone.
///
/// As long as more reads at the same time do not make each of them slower, it is the way to the server that takes the time,
/// and more of them can be under way. Once they wait for each other, at the server, for a connection or for the limit of
/// requests, more would only make the wait longer, and what an interruption loses larger. Where a limit of requests is known
/// the window stays as it is: a few requests a second need no more, and all that are in flight are waited for when the
/// walk is stopped.
package struct ReadWindow: Sendable {
    /// Reads take longer for each other's sake when they take so much longer than the fastest one did.
    private static let slowdown = 2.0
    /// One answer changes the usual time by so much.
    private static let timeStep = 1.0 / 8
    /// What is in flight may hold so many bytes of values for the window to be wider than it has to be.
    private static let widerBytes = ReadPlan.targetBytes
    /// The most bytes of values in flight, as far as they are known beforehand.
    private static let mostBytes = 8 * ReadPlan.targetBytes

    private let widths: ClosedRange<Int>
    private var width: Int
    /// How many batches are being read.
    private var batches = 0
    /// How many bytes the batches in flight have, as far as that is known of each.
    private var heldBytes = 0
    private var leastSeconds = Double.infinity
    private var usualSeconds = 0.0

    /// A window that has seen no answer.
    ///
    /// - Parameter widths: How many reads are in flight at the least, where their values are not heavy, and at the most.
    package init(_ widths: ClosedRange<Int>) {
        self.widths = max(1, widths.lowerBound)...max(1, widths.upperBound)
        width = self.widths.lowerBound
    }

    /// How many batches may be read at the same time.
    ///
    /// - Parameters:
    ///   - batchBytes: How many bytes of values a batch probably has.
    ///   - consumed: How many batches have been read: the first answers are waited for one by one, because they tell how
    ///     heavy values are.
    /// - Returns: At least one.
    package func width(batchBytes: Int, consumed: Int) -> Int {
        // An earlier archive may know of heavy values where those that were read last are light.
        guard heldBytes < Self.mostBytes else { return 1 }
        let wider = heldBytes < Self.widerBytes ? Self.widerBytes / max(1, batchBytes) : 0
        let heavy = min(widths.lowerBound, max(2, Self.mostBytes / max(1, batchBytes)))
        return min(width, max(heavy, wider), 1 << min(consumed, 16))
    }

    /// How many keys of one batch may be read one by one at the same time: the share of each batch that is being read.
    ///
    /// - Parameter valueBytes: How many bytes a value probably has; 0 where that is not known.
    /// - Returns: At least one.
    package func widthInBatch(valueBytes: Int) -> Int {
        guard valueBytes > 0, batches > 0 else { return 1 }
        return max(1, min(width, Self.mostBytes / valueBytes) / batches)
    }

    /// Adds the bytes of a batch, as far as they are known, to those in flight; takes them away again when negative.
    package mutating func hold(_ bytes: Int) { heldBytes = heldBytes.addingBounded(bytes) }

    /// Takes note that the reading of a batch begins.
    package mutating func begin() { batches += 1 }

    /// Takes note that the reading of a batch ends.
    package mutating func end() { batches -= 1 }

    /// Learns how long a read took, all its waiting included.
    ///
    /// - Parameters:
    ///   - seconds: The time.
    ///   - isLimited: Whether there is a limit of requests.
    package mutating func observe(seconds: Double, isLimited: Bool = false) {
        leastSeconds = min(leastSeconds, seconds)
        usualSeconds += (seconds - usualSeconds) * (usualSeconds == 0 ? 1 : Self.timeStep)
        if isLimited {
            width = widths.lowerBound
        } else if usualSeconds <= leastSeconds * Self.slowdown {
            width = min(width + 1, widths.upperBound)
        } else {
            width -= (width - widths.lowerBound + 7) / 8
        }
    }
}
