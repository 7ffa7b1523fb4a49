import Synchronization

/// Decides how many keys the next bulk get asks for, from what recent values were; pure, so that it can be tested alone.
///
/// An answer holds at most 25 MiB (API reference, get multiple key-value pairs), and one value that is not text makes the
/// API refuse all of it. So a request asks for 100 keys where values are small text, for fewer where they are heavy, and
/// where some are not text for as many as are all text with even chance: then a refusal tells the most.
struct ReadPlan: Sendable {
    /// How many value bytes a batch aims at: far enough below the limit that one heavy value among light ones fits.
    static let targetBytes = 8 << 20
    /// How many keys are handed to one reader where they are read one by one.
    private static let batchKeysAlone = 16
    /// The share of values that are not text, where nothing is known yet: small enough to ask for 100 keys.
    private static let firstShare = 0.005
    /// The least share that is believed in, however many texts there were.
    private static let leastShare = 0.001
    /// One value changes the share by so much, so that some hundred values count.
    private static let shareStep = 1.0 / 128
    /// So many values in a row that are not text are a series, in which a bulk get is a request that fails.
    private static let seriesStart = 2
    /// So many texts in a row end a series.
    private static let seriesEnd = 3

    private var nonTextShare = Self.firstShare
    private var nonTextInARow = 0
    private var textInARow = 0
    private var isInSeries = false
    private var textBytes = 0.0
    private var nonTextBytes = 0.0
    private var hasBulkGet = true

    /// How many keys to ask for in one bulk get; 1 says to read keys one by one.
    var groupKeys: Int {
        if isInSeries || !hasBulkGet { return 1 }
        // As many as are all text with even chance: (1 - share)^n = 1/2.
        let byShare = Int(0.69 / nonTextShare)
        return max(1, min(KVLimits.bulkGetKeys, byShare, Self.keys(of: textBytes)))
    }

    /// How many keys of which nothing is known to hand to one reader.
    var batchKeys: Int {
        max(groupKeys, min(Self.batchKeysAlone, Self.keys(of: max(textBytes, nonTextBytes))))
    }

    private static func keys(of averageBytes: Double) -> Int {
        // The quotient of a very small average would be no `Int`.
        Int(Double(targetBytes) / min(max(averageBytes, 1), Double(targetBytes)))
    }

    /// Learns from a bulk get that was answered.
    mutating func observeTexts(count: Int, bytes: Int) {
        guard count > 0 else { return }
        for _ in 0..<count { nonTextShare -= nonTextShare * Self.shareStep }
        nonTextShare = max(nonTextShare, Self.leastShare)
        // Half of the weight is on the last answer: quick to shrink, and quick to grow back.
        let average = Double(bytes) / Double(count)
        textBytes = textBytes == 0 ? average : (textBytes + average) / 2
        nonTextInARow = 0
        isInSeries = false
    }

    /// Learns from a value that was read alone.
    mutating func observe(isText: Bool, bytes: Int) {
        nonTextShare += ((isText ? 0 : 1) - nonTextShare) * Self.shareStep
        textInARow = isText ? textInARow + 1 : 0
        nonTextInARow = isText ? 0 : nonTextInARow + 1
        if nonTextInARow >= Self.seriesStart { isInSeries = true }
        if textInARow >= Self.seriesEnd { isInSeries = false }
        if !isText { nonTextBytes = nonTextBytes == 0 ? Double(bytes) : (nonTextBytes * 7 + Double(bytes)) / 8 }
    }

    /// Learns from an answer that would have been too large.
    mutating func observeTooLarge(keys: Int) {
        textBytes = max(textBytes, Double(KVLimits.bulkGetBytes) / Double(max(1, keys)))
    }

    /// Learns that the server has no bulk get.
    mutating func observeNoBulkGet() { hasBulkGet = false }
}

/// A ``ReadPlan`` that several readers share.
final class ReadPlanner: Sendable {
    private let plan = Mutex(ReadPlan())

    var groupKeys: Int { plan.withLock { $0.groupKeys } }
    var batchKeys: Int { plan.withLock { $0.batchKeys } }

    func observe(_ change: (inout ReadPlan) -> Void) { plan.withLock { change(&$0) } }
}
