/// The requests that a job needs at the least; what it needed beyond them is waste or bad luck.
public enum RequestFloor {
    /// To read so many keys: lists of 1,000 keys and bulk gets of 100.
    ///
    /// An empty namespace takes one list.
    public static func reading(keys: Int) -> Int {
        max(1, quotient(keys, KVLimits.listMaximum)) + quotient(keys, KVLimits.bulkGetKeys)
    }

    /// To write so many keys: bulk writes of 10,000.
    public static func writing(keys: Int) -> Int { quotient(keys, KVLimits.bulkWritePairs) }

    private static func quotient(_ count: Int, _ size: Int) -> Int { (count + size - 1) / size }
}

extension RequestStatistics {
    /// What was sent since an earlier moment.
    func since(_ earlier: RequestStatistics) -> RequestStatistics {
        var difference = RequestStatistics()
        for (kind, count) in requests {
            let more = count - earlier.requests[kind, default: 0]
            if more > 0 { difference.requests[kind] = more }
        }
        difference.retries = retries - earlier.retries
        return difference
    }

    /// The counts by the kinds' names, as reports and manifests hold them.
    var byName: [String: Int] {
        Dictionary(uniqueKeysWithValues: requests.map { ($0.key.rawValue, $0.value) })
    }
}
