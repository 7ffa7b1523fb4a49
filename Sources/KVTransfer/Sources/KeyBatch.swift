/// A key to be read, with what is known of its value.
struct PlannedKey: Sendable {
    var listed: ListedKey
    var hint: ValueHint?
    /// The cursor of the page in which the key was listed.
    var pageCursor: String?
}

/// Keys that one reader reads.
struct KeyBatch: Sendable {
    var keys: [PlannedKey] = []
    /// What walking the list up to here came to.
    var counts = ReadTally.Counts()
    /// How many bytes their values have, as far as an earlier archive tells.
    var hintedBytes: Int { keys.reduce(0) { $0 + ($1.hint?.bytes ?? 0) } }
    /// How far the walk is once these keys are dealt with, where keys that are not read follow them.
    var end: ListPosition?

    /// How far the walk is once these keys are dealt with.
    var position: ListPosition {
        end ?? ListPosition(lastKey: keys.last?.listed.key, cursor: keys.last?.pageCursor)
    }

    /// The first keys, with what was counted on the way to all.
    func first(_ count: Int) -> KeyBatch {
        var first = KeyBatch(keys: Array(keys[..<count]), counts: counts, end: count == keys.count ? end : nil)
        first.counts.keysListed -= keys.count - count
        return first
    }

    /// The keys after the first ones.
    func dropping(_ count: Int) -> KeyBatch {
        var rest = KeyBatch(keys: Array(keys[count...]), end: end)
        rest.counts.keysListed = rest.keys.count
        return rest
    }
}

/// Keys that were read.
struct ReadBatch: Sendable {
    /// The records in order, without keys that are gone or unreadable.
    var lines: [RecordLine]
    /// What was counted on the way.
    var counts: ReadTally.Counts
    /// How far the walk is now.
    var position: ListPosition
    /// The keys that were not read, because the values before them were so large.
    var rest: KeyBatch?
}

/// What has become of the keys of a batch so far.
struct BatchProgress: Sendable {
    /// What became of one key.
    enum Outcome: Sendable {
        case record(RecordLine)
        case vanished
        case unreadable(Hole)
    }

    /// Once so many bytes of values are read, the rest of the batch is left for later: many values that are not text may be
    /// as large as one may be.
    static let bytesMaximum = 32 << 20

    private let batch: KeyBatch
    private var outcomes: [Int: Outcome] = [:]
    private var bytes = 0
    /// The first key that is not read.
    private(set) var end: Int
    /// Keys that were read on their own.
    var keysReread = 0

    init(_ batch: KeyBatch) {
        self.batch = batch
        end = batch.keys.count
    }

    /// Whether enough is read; if so, nothing from this key on is part of the result.
    mutating func isFull(before index: Int) -> Bool {
        if bytes >= Self.bytesMaximum, index > 0 { end = min(end, index) }
        return index >= end
    }

    /// The same batch, of which nothing is read yet.
    var emptied: BatchProgress { BatchProgress(batch) }

    /// Takes over what has become of other keys of the same batch.
    mutating func merge(_ other: BatchProgress) {
        outcomes.merge(other.outcomes) { $1 }
        bytes += other.bytes
        keysReread += other.keysReread
    }

    mutating func set(_ outcome: Outcome, at index: Int) {
        if case .record(let line) = outcome { bytes += line.text.count }
        outcomes[index] = outcome
    }

    /// The keys that are dealt with and what became of them.
    ///
    /// - Parameter now: The time, by which keys that have expired need no further look.
    /// - Returns: What was read, and what was left.
    func result(now: Double) -> ReadBatch {
        let done = batch.first(end)
        var read = ReadBatch(lines: [], counts: done.counts, position: done.position)
        read.counts.keysReread += keysReread
        for index in 0..<end {
            switch outcomes[index] {
            case .record(let line): read.lines.append(line)
            case .vanished: read.counts.countVanished(batch.keys[index].listed, now: now)
            case .unreadable(let hole): read.counts.holes.append(hole)
            // No key is passed over in silence, whatever went wrong.
            case nil: read.counts.holes.append(Hole(key: batch.keys[index].listed.key, reason: "it was not read"))
            }
        }
        if end < batch.keys.count { read.rest = batch.dropping(end) }
        return read
    }
}
