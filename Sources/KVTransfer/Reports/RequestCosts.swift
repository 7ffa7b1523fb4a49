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

    private static func quotient(_ count: Int, _ size: Int) -> Int { (count + size - 1) / size }
}

/// What a job has sent, in all of its runs.
struct RequestTotals: Hashable, Sendable {
    /// Requests by the kinds' names, attempts that failed included.
    var requests: [String: Int] = [:]
    /// Repetitions by what had gone wrong.
    var retriesByCause: [String: Int] = [:]

    /// All repetitions.
    var retries: Int { retriesByCause.values.reduce(0, +) }

    /// Adds what one run has sent.
    func adding(_ run: RequestStatistics) -> Self {
        var sum = self
        for (kind, count) in run.requests { sum.requests[kind.rawValue, default: 0] += count }
        for (cause, count) in run.retriesByCause { sum.retriesByCause[cause, default: 0] += count }
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
