extension Archive {
    /// Checks what the archive says about itself: by default everything.
    ///
    /// Every byte of every file is hashed and compared with `SHA256SUMS`, every frame is decompressed and its checksum
    /// proven, every line is parsed; order, counts, totals, the content digest, key indexes and seek tables are
    /// compared with what was found. Each part is read once. Memory is that of reading.
    ///
    /// - Parameters:
    ///   - depth: How much is checked.
    ///   - progress: Hears of each batch of records that was read.
    /// - Returns: All damage found. Of a damaged part the first fault is named, and all keys that are lost with its frames;
    ///   the parts after it are read all the same.
    /// - Throws: The vault's errors, when the files cannot be read at all, and cancellation.
    public func verify(
        _ depth: VerificationDepth = .everything, progress: (VerificationProgress) -> Void = { _ in }
    ) async throws -> VerificationReport {
        var verification = Verification(archive: self, depth: depth)
        try await verification.checkFiles()
        try await verification.checkRecords(progress)
        return verification.report
    }
}
