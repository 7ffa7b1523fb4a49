/// What became of records that were to be written.
struct WriteOutcome: Sendable {
    /// Records that the API has taken.
    var written = 0
    /// Bytes of their values.
    var writtenBytes = 0
    /// The last of them, by which it can be told later whether they are still there.
    var lastWritten: Landmark?
    /// Keys left out, because they have expired or are about to.
    var expired: [KVKey] = []
    /// How many of the records that were written got a later expiration, because theirs was too soon.
    var extended = 0
    /// Keys that were not written, with the reason.
    var holes: [Hole] = []

    /// A record that is in the namespace.
    struct Landmark: Hashable, Sendable {
        /// Its key.
        var key: KVKey
        /// When it expires, if it does.
        var expiration: UnixTime?
    }

    mutating func count(_ line: RecordLine) {
        written += 1
        writtenBytes += line.valueBytes
        if lastWritten.map({ $0.key < line.key }) ?? true {
            lastWritten = Landmark(key: line.key, expiration: line.expiration)
        }
    }

    /// Adds what became of the records that follow.
    mutating func add(_ next: Self) {
        written += next.written
        writtenBytes += next.writtenBytes
        lastWritten = next.lastWritten ?? lastWritten
        expired += next.expired
        extended += next.extended
        holes += next.holes
    }
}

/// How far a chunk has been written.
struct WrittenChunk: Sendable {
    /// What became of the records up to ``lastKey``.
    private(set) var outcome = WriteOutcome()
    /// The last key up to which all is settled; `nil` when none is.
    private(set) var lastKey: KVKey?
    /// Why the rest is not; `nil` when all is.
    private(set) var error: (any Error)?
    /// What became of the records after ``lastKey``, as long as it is not certain that it is right.
    private var unsettled = WriteOutcome()

    /// Notes what became of the next records.
    mutating func add(_ outcome: WriteOutcome, through key: KVKey?) {
        unsettled.add(outcome)
        // Refused records in a row may turn out to be no fault of theirs. A success after them says that they are.
        if outcome.written > 0 { settle(through: key) }
    }

    /// Notes that there are no more records.
    mutating func finish(through key: KVKey?) { settle(through: key) }

    /// Notes that the rest is not going to be written.
    mutating func fail(_ error: any Error) { self.error = error }

    private mutating func settle(through key: KVKey?) {
        outcome.add(unsettled)
        unsettled = WriteOutcome()
        lastKey = key ?? lastKey
    }
}
