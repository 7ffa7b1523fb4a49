/// Tells which records can be written, and what is done about those that expire too soon.
struct ExpiryJudge: Sendable {
    let expiring: ExpiringRecords
    let clock: @Sendable () -> UnixTime

    /// A key that expires sooner than this many seconds from now is not sent: the API wants 60, and refuses the whole
    /// request for one that is late.
    ///
    /// The rest is for the way there and for clocks that differ.
    static let marginSeconds = KVLimits.expirationMinimumSeconds + 30

    /// Lines that can be written now, and what was done about the others.
    struct Judgement: Equatable, Sendable {
        /// Lines to write, some of them with a later expiration than they had.
        var lasting: [RecordLine] = []
        /// The keys of those.
        var extended: Set<KVKey> = []
        /// Keys to leave out.
        var expired: [KVKey] = []
    }

    /// The earliest expiration that can be written now.
    var earliest: UnixTime { clock() + Self.marginSeconds }

    /// Judges lines for a request that is sent at once.
    func judge(_ lines: [RecordLine]) -> Judgement {
        let earliest = earliest
        var judgement = Judgement()
        judgement.lasting.reserveCapacity(lines.count)
        for line in lines {
            if line.expiration.map({ $0 >= earliest }) ?? true {
                judgement.lasting.append(line)
            } else if expiring == .extend {
                var record = line.record
                record.expiration = earliest
                judgement.lasting.append(RecordLine(record))
                judgement.extended.insert(line.key)
            } else {
                judgement.expired.append(line.key)
            }
        }
        return judgement
    }

    /// What becomes of the keys that are left out.
    func outcome(ofExpired keys: [KVKey]) -> WriteOutcome {
        guard expiring == .fail else { return WriteOutcome(expired: keys) }
        return WriteOutcome(
            holes: keys.map { Hole(key: $0, reason: "while the records were written, it expired or was about to") })
    }
}
