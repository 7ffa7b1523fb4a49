import Synchronization

/// Decides how many keys the next bulk get asks for, from what recent values were; pure, so that it can be tested alone.
///
/// An answer holds at most 25 MiB (API reference, get multiple key-value pairs), and one value that is not text makes the
/// API refuse all of it. So a request asks for 100 keys where values are small text, for fewer where they are heavy, and
/// where some are not text for as many as are all text with even chance: then a refusal tells the most.
package struct ReadPlan: Sendable {
    /// How many value bytes a batch aims at: far enough below the limit that one heavy value among light ones fits.
    package static let targetBytes = 8 << 20
    /// The share of values that are not text, where nothing is known yet: small enough to ask for 100 keys.
    private static let firstShare = 0.005
    /// The least share that is believed in, however many texts there were.
    private static let leastShare = 0.001
    /// From this share of values that are not text on, bulk gets fail more often than they are worth.
    private static let shareReadAlone = 1.0 / 3
    /// One value changes the share by so much, so that some hundred values count.
    private static let shareStep = 1.0 / 128
    /// So many values in a row that are not text are a series, in which a bulk get is a request that fails.
    private static let seriesStart = 2
    /// So many texts in a row end a series.
    private static let seriesEnd = 3
    /// So many of the values that follow a run of texts may not be text, as if the run had had them: a run that is long
    /// enough says more than the share of all values, which may come from a series before it.
    private static let nonTextAfterRun = 3.0
    /// The least share that a run alone is believed to have: of values of which one in a hundred is not text, some runs are
    /// long by chance.
    private static let leastShareAfterRun = 0.02
    /// So many bulk gets in a row that fail for no reason of size say that the fault is not one key's: halving finds a
    /// single bad key among 100 with seven.
    private static let failuresMaximum = 16
    /// How many keys are read one by one before bulk gets are tried again, at first; doubles each time.
    private static let firstPauseKeys = 256
    private static let longestPauseKeys = 1 << 16
    /// So many keys in a row of which only the list tells metadata or expiration, and bulk gets never do.
    private static let silencesMaximum = 3

    private var nonTextShare = Self.firstShare
    private var nonTextInARow = 0
    private var textInARow = 0
    private var isInSeries = false
    private var textBytes = 0.0
    private var nonTextBytes = 0.0
    private var hasBulkGet = true
    private var failuresInARow = 0
    private var silencesInARow = 0
    /// How many more keys are read one by one, because bulk gets failed.
    private var keysWithoutBulk = 0
    private var nextPauseKeys = Self.firstPauseKeys

    /// Starts without having seen a value.
    package init() {}

    /// Whether bulk gets are known not to tell metadata or expiration, which are the list's to tell then.
    package var isBulkGetSilent: Bool { silencesInARow >= Self.silencesMaximum }

    /// Whether to ask with bulk gets at all.
    package var usesBulkGet: Bool { hasBulkGet && keysWithoutBulk == 0 }

    /// Whether to read keys one by one, with GET value.
    package var readsAlone: Bool { isInSeries || !usesBulkGet || expectedShare > Self.shareReadAlone }

    /// The share of the next values that are probably not text.
    private var expectedShare: Double {
        min(nonTextShare, max(Self.leastShareAfterRun, Self.nonTextAfterRun / Double(textInARow + 1)))
    }

    /// How many keys to ask for in one bulk get.
    package var groupKeys: Int {
        if readsAlone { return 1 }
        // As many as are all text with even chance: (1 - share)^n = 1/2.
        let byShare = Int(bounded: 0.69 / expectedShare)
        return max(1, min(KVLimits.bulkGetKeys, byShare, Self.keys(of: textBytes)))
    }

    /// How many bytes a value that is not text probably has; 0 before the first one.
    package var nonTextValueBytes: Int { Int(bounded: nonTextBytes) }

    /// How many bytes the values of the next bulk get, or the next value that is read alone, probably have.
    package var groupBytes: Int {
        Int(bounded: readsAlone ? max(textBytes, nonTextBytes) : Double(groupKeys) * textBytes)
    }

    private static func keys(of averageBytes: Double) -> Int {
        Int(bounded: Double(targetBytes) / min(max(averageBytes, 1), Double(targetBytes)))
    }

    /// Learns from a bulk get that was answered.
    package mutating func observeTexts(count: Int, bytes: Int) {
        guard count > 0 else { return }
        for _ in 0..<count { nonTextShare -= nonTextShare * Self.shareStep }
        nonTextShare = max(nonTextShare, Self.leastShare)
        // Half of the weight is on the last answer: quick to shrink, and quick to grow back.
        let average = Double(bytes) / Double(count)
        textBytes = textBytes == 0 ? average : (textBytes + average) / 2
        nonTextInARow = 0
        textInARow += count
        isInSeries = false
        failuresInARow = 0
        nextPauseKeys = Self.firstPauseKeys
    }

    /// Learns from a value that was read alone.
    package mutating func observe(isText: Bool, bytes: Int) {
        nonTextShare = max(nonTextShare + ((isText ? 0 : 1) - nonTextShare) * Self.shareStep, Self.leastShare)
        textInARow = isText ? textInARow + 1 : 0
        nonTextInARow = isText ? 0 : nonTextInARow + 1
        if nonTextInARow >= Self.seriesStart { isInSeries = true }
        if textInARow >= Self.seriesEnd { isInSeries = false }
        keysWithoutBulk = max(0, keysWithoutBulk - 1)
        if isText {
            // Where texts are so heavy that they are read alone, their getting lighter shows here only.
            textBytes = (textBytes + Double(bytes)) / 2
        } else {
            nonTextBytes = nonTextBytes == 0 ? Double(bytes) : (nonTextBytes * 7 + Double(bytes)) / 8
        }
    }

    /// Learns from an answer that would have been too large.
    package mutating func observeTooLarge(keys: Int) {
        textBytes = max(textBytes, Double(KVLimits.bulkGetBytes) / Double(max(1, keys)))
    }

    /// Learns that a bulk get failed for another reason than the size or the kind of its values.
    package mutating func observeFailure() {
        failuresInARow += 1
        guard failuresInARow >= Self.failuresMaximum else { return }
        failuresInARow = 0
        keysWithoutBulk = nextPauseKeys
        nextPauseKeys = min(nextPauseKeys * 2, Self.longestPauseKeys)
    }

    /// Learns whether the list still tells what a bulk get did not.
    package mutating func observeDetails(areInListAlone: Bool) {
        silencesInARow = areInListAlone ? silencesInARow + 1 : 0
    }

    /// Learns that the server has no bulk get.
    package mutating func observeNoBulkGet() { hasBulkGet = false }
}

/// A ``ReadPlan`` and a ``ReadWindow`` that several readers share.
final class ReadPlanner: Sendable {
    private let plan = Mutex(ReadPlan())
    private let window: Mutex<ReadWindow>

    /// A plan that has seen nothing.
    ///
    /// - Parameter widths: How many reads may be in flight.
    init(widths: ClosedRange<Int>) { window = Mutex(ReadWindow(widths)) }

    var groupKeys: Int { plan.withLock { $0.groupKeys } }
    var readsAlone: Bool { plan.withLock { $0.readsAlone } }
    var usesBulkGet: Bool { plan.withLock { $0.usesBulkGet } }
    var isBulkGetSilent: Bool { plan.withLock { $0.isBulkGetSilent } }

    func observe(_ change: (inout ReadPlan) -> Void) { plan.withLock { change(&$0) } }

    /// How many keys of one batch may be read one by one at the same time.
    var widthInBatch: Int {
        let bytes = plan.withLock { $0.nonTextValueBytes }
        return window.withLock { $0.widthInBatch(valueBytes: bytes) }
    }

    /// Takes note of the bytes of a batch that is going to be read, as far as they are known.
    func hold(_ bytes: Int) { window.withLock { $0.hold(bytes) } }

    /// Takes note that such a batch was consumed.
    func release(_ bytes: Int) { window.withLock { $0.hold(-bytes) } }

    /// Takes note that the reading of a batch begins, or ends.
    func isReading(_ isBeginning: Bool) { window.withLock { isBeginning ? $0.begin() : $0.end() } }

    /// How many batches may be read at the same time, once so many have been.
    func width(consumed: Int) -> Int {
        let bytes = plan.withLock { $0.groupBytes }
        return window.withLock { $0.width(batchBytes: bytes, consumed: consumed) }
    }

    /// Learns how long a read took.
    func observe(seconds: Double, isLimited: Bool) {
        window.withLock { $0.observe(seconds: seconds, isLimited: isLimited) }
    }
}
