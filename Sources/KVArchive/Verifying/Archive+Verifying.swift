extension Archive {
    /// Checks everything that the archive says about itself.
    ///
    /// Every byte of every file is hashed and compared with `SHA256SUMS`, every frame is decompressed and its checksum
    /// proven, every line is parsed; order, counts, totals, the content digest, key indexes and seek tables are
    /// compared with what was found. Memory is that of reading.
    ///
    /// - Parameter progress: Hears of each batch of records that was read.
    /// - Returns: All damage found. Of a damaged part the first fault is named; the parts after it are read all the same.
    /// - Throws: The vault's errors, when the files cannot be read at all, and cancellation.
    public func verify(progress: (VerificationProgress) -> Void = { _ in }) async throws -> VerificationReport {
        var verification = Verification(archive: self)
        try await verification.checkFiles()
        try await verification.checkRecords(progress)
        return verification.report
    }
}
