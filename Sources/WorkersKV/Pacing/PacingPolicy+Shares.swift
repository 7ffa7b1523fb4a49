extension PacingPolicy {
    /// How many requests of a quota are not for us; at least one of every quota is.
    func floor(of quota: Double) -> Double {
        let leave = leaveRequests.map { Double(max(0, $0)) } ?? (quota >= 1200 ? 100 : (quota / 12).rounded(.down))
        // A share that is no number compares false with everything, and counts as none.
        let share = requestsPerFiveMinutes == nil && headRoom > 0 ? headRoom * quota : 0
        return max(0, min(max(leave, share), quota - 1))
    }

    /// How many requests may follow each other without a pause; all of them when there is no limit.
    func burst(ofQuota quota: Double?) -> Double {
        let quota = requestsPerFiveMinutes.map { Double($0) } ?? quota
        return quota.map { max(1, ($0 / 12).rounded(.down)) } ?? .infinity
    }

    /// The rate that keeps to the policy's own number in any five minutes, the first with its burst included.
    var ownRate: Double? {
        requestsPerFiveMinutes.map { max(1, Double($0) - burst(ofQuota: nil)) / 300 }
    }
}
