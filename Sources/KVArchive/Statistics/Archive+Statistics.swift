public import KVModel

extension Archive {
    /// Counts what is inside the archive, in one walk over its records.
    ///
    /// - Parameters:
    ///   - moment: The moment that expirations are seen from.
    ///   - progress: Hears how many records have been counted, a batch at a time.
    /// - Returns: The numbers, which agree with the manifest's totals.
    /// - Throws: What ``forEachBatch(prefix:after:_:)`` throws for a damaged archive, `contradiction` when the manifest's
    ///   totals are not those of the records, and cancellation.
    public func statistics(
        at moment: UnixTime, progress: (_ records: Int) -> Void = { _ in }
    ) async throws -> ArchiveStatistics {
        var statistics = ArchiveStatistics(at: moment)
        try await forEachBatch { lines in
            try Task.checkCancellation()
            for line in lines { statistics.count(line) }
            progress(statistics.totals.records)
        }
        var totals = statistics.totals
        totals.compressedBytes = manifest.totals.compressedBytes
        guard totals == manifest.totals else {
            throw ArchiveError(
                .contradiction, "the totals are not those of the records", file: ArchiveFile.manifest)
        }
        return statistics
    }
}
