/// What a replay did, in all of its runs, or would do.
public struct ReplayReport: Hashable, Sendable {
    /// Where the records came from.
    public var source: String
    /// The namespace that was written to.
    public var namespace: Namespace
    /// Whether nothing was sent, and the numbers say what would be.
    public var isDryRun: Bool
    /// Records written.
    public var written = 0
    /// Bytes of their values.
    public var writtenBytes = 0
    /// Records left out, because they have expired or will within a minute and a half.
    public var expired = 0
    /// The first of their keys.
    public var expiredKeys: [KVKey] = []
    /// Records written with a later expiration than they had, because theirs was too soon.
    public var extended = 0
    /// Records that were not sent because the namespace keeps the keys it has.
    public var kept = 0
    /// Records that were not sent because the namespace has the same.
    public var unchanged = 0
    /// Keys that were deleted because the source does not have them.
    public var deleted = 0
    /// Keys that the API did not take.
    public var holes: [Hole] = []
    /// Keys that the API did not delete.
    public var notDeleted: [Hole] = []
    /// Keys that were there and could not be read, so that the source does not have them.
    public var sourceHoles: [Hole] = []
    /// Requests by kind.
    public var requests: [String: Int] = [:]
    /// How many of them were repetitions, by what had gone wrong.
    public var retriesByCause: [String: Int] = [:]
    /// The fewest requests that can write so many records, and delete so many keys.
    public var floor = 0
    /// How many runs it took: one, and one more for each interruption.
    public var runs = 1

    /// How many expired keys are named.
    public static let expiredKeysMaximum = 100

    init(source: String, namespace: Namespace, isDryRun: Bool) {
        self.source = source
        self.namespace = namespace
        self.isDryRun = isDryRun
    }

    /// Whether every record that there was, and that has not expired, was written.
    public var isWhole: Bool { holes.isEmpty && notDeleted.isEmpty && sourceHoles.isEmpty }
    /// How many of the requests were repetitions.
    public var retries: Int { retriesByCause.values.boundedSum }

    /// What the run itself will take, after a dry one: what was read is read again, and then it writes.
    public var plan: JobEstimate? {
        guard isDryRun else { return nil }
        var writing = JobEstimate.writing(JobSize(keys: written, valueBytes: writtenBytes))
        // The list that looks whether the target is empty is among those that were made.
        writing.requests.lists = 0
        writing.operations.lists = 0
        return JobEstimate.reading(again: requests) + writing + JobEstimate.deleting(keys: deleted)
    }

    mutating func add(_ outcome: WriteOutcome) {
        written += outcome.written
        writtenBytes += outcome.writtenBytes
        expired += outcome.expired.count
        expiredKeys += outcome.expired.prefix(max(0, Self.expiredKeysMaximum - expiredKeys.count))
        extended += outcome.extended
        holes += outcome.holes
    }

    mutating func add(_ passed: SelectingCursor.Passed) {
        switch passed.reason {
        case .kept: kept += 1
        case .unchanged: unchanged += 1
        }
    }

    /// Adds what earlier runs have done.
    mutating func add(_ checkpoint: ReplayCheckpoint) {
        written = checkpoint.written
        writtenBytes = checkpoint.writtenBytes
        expired = checkpoint.expired
        expiredKeys = checkpoint.expiredKeys.map { KVKey($0) }
        extended = checkpoint.extended
        kept = checkpoint.kept
        unchanged = checkpoint.unchanged
        deleted = checkpoint.deleted
        notDeleted = checkpoint.notDeleted.map { Hole(key: KVKey($0.key), reason: $0.reason) }
        sourceHoles = checkpoint.sourceHoles.map { Hole(key: KVKey($0.key), reason: $0.reason) }
        holes = checkpoint.holes.map { Hole(key: KVKey($0.key), reason: $0.reason) }
        runs = checkpoint.runs
    }
}
