/// The requests that a job needs at the least; what it needed beyond them is waste or bad luck.
public enum RequestFloor {
    /// To read so many keys: lists of 1,000 keys and bulk gets of 100.
    ///
    /// An empty namespace takes one list.
    public static func reading(keys: Int) -> Int { listing(keys: keys) + getting(keys: keys) }

    /// To read the values of so many keys whose names are known.
    public static func getting(keys: Int) -> Int { quotient(keys, KVLimits.bulkGetKeys) }

    /// To list so many keys.
    public static func listing(keys: Int) -> Int { max(1, quotient(keys, KVLimits.listMaximum)) }

    /// To write so many keys: bulk writes of 10,000.
    public static func writing(keys: Int) -> Int { quotient(keys, KVLimits.bulkWritePairs) }

    /// To delete so many keys: bulk deletes of 10,000.
    public static func deleting(keys: Int) -> Int { quotient(keys, KVLimits.bulkDeleteKeys) }

    static func quotient(_ count: Int, _ size: Int) -> Int { count > 0 ? (count - 1) / size + 1 : 0 }
}

/// What a job has sent, in all of its runs.
struct RequestTotals: Hashable, Sendable {
    /// Requests by the kinds' names, attempts that failed included.
    var requests: [String: Int] = [:]
    /// Repetitions by what had gone wrong.
    var retriesByCause: [String: Int] = [:]

    /// All repetitions.
    var retries: Int { retriesByCause.values.boundedSum }

    /// Adds what one run has sent.
    func adding(_ run: RequestStatistics) -> Self {
        var sum = self
        let requests = run.requests.map { ($0.key.rawValue, $0.value) }
        sum.requests.merge(requests) { $0.addingBounded($1) }
        sum.retriesByCause.merge(run.retriesByCause) { $0.addingBounded($1) }
        return sum
    }
}

extension RequestStatistics {
    /// What was sent since an earlier moment.
    func since(_ earlier: RequestStatistics) -> RequestStatistics {
        var difference = self
        difference.retries = retries - earlier.retries
        difference.requests = Self.difference(requests, earlier.requests)
        difference.retriesByCause = Self.difference(retriesByCause, earlier.retriesByCause)
        difference.pausedSeconds = pausedSeconds - earlier.pausedSeconds
        return difference
    }

    private static func difference<Name: Hashable>(_ counts: [Name: Int], _ earlier: [Name: Int]) -> [Name: Int] {
        counts.merging(earlier) { $0 - $1 }.filter { $0.value > 0 }
    }
}
