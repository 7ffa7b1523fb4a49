/// What a sink has learned from the requests so far.
struct SinkState {
    /// So many records that were not taken say that the trouble is not theirs.
    static let refusalsMaximum = 1_000
    /// So many in a row for no reason that is a record's own say it sooner.
    static let unspecificRefusalsMaximum = 20

    var size = ChunkSize()
    /// Whether the API has stored a record.
    private(set) var hasWritten = false
    /// Whether a record may be in the namespace.
    var mayHaveWritten = false
    private var refusals = 0
    private var unspecificRefusals = 0

    mutating func noteSuccess() {
        hasWritten = true
        unspecificRefusals = 0
    }

    /// Counts a record that was not taken; whether that may be its own fault.
    mutating func canRefuse(isUnspecific: Bool) -> Bool {
        refusals += 1
        if isUnspecific { unspecificRefusals += 1 }
        return refusals <= Self.refusalsMaximum && unspecificRefusals < Self.unspecificRefusalsMaximum
    }
}

extension KVError {
    /// Whether the error says something of what was sent rather than of the connection, the credentials or the namespace.
    var concernsRecords: Bool {
        switch code {
        case .tooLarge, .invalidKey, .invalidMetadata, .invalidExpiration: true
        case .refused: reply?.status == 400 && !concernsAllRecords
        default: false
        }
    }

    /// Whether a smaller request may succeed where this one did not.
    ///
    /// The answer 413 is often lost when the server closes the connection before it has read the whole body, gateways time
    /// out on large requests (408, 524), and slow links on large bodies.
    var mayBeSize: Bool {
        if code == .refused { return reply?.status == 408 }
        return [.timedOut, .connectionFailed, .serverFailed, .malformedAnswer].contains(code)
    }

    /// Whether the next requests had better be smaller.
    var teachesSize: Bool { mayBeSize || code == .tooLarge || code == .dailyQuotaUsed }
}
