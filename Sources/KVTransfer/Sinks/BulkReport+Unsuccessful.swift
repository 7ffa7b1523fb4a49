extension BulkReport {
    /// The keys of a bulk request that are to be sent again.
    ///
    /// - Parameter keys: The keys that were sent.
    /// - Returns: Those of them that were not stored or deleted, as far as the report can be understood.
    func unsuccessfulKeys(of keys: [KVKey]) -> Set<KVKey> {
        if unsuccessfulKeys.isEmpty, successfulKeyCount ?? keys.count >= keys.count { return [] }
        let sent = Set(keys)
        let named = Set(unsuccessfulKeys)
        let isWhole = successfulKeyCount.map { $0 + named.count >= keys.count } ?? true
        // Some are missing and not named, or named in a way that nobody understands: treat none as done. Sending them again
        // does no harm.
        return isWhole && named.isSubset(of: sent) ? named : sent
    }
}
