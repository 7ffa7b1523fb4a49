public import KVVault

/// Writes an archive.
///
/// The archive is there, whole and durable, when this returns; until then it has no manifest and counts for nothing.
/// When the body throws, or anything else does, the files written so far are removed and the error is passed on.
///
///     let manifest = try await withArchiveWriter(in: vault, at: "orders/2026-11-23T130501Z") { writer in
///         try await writer.append(lines)
///         return ArchiveProvenance(tool: .init(name: "example", version: "1"), startedAt: startedAt)
///     }
///
/// - Parameters:
///   - vault: Where the archive goes.
///   - path: The archive's folder in the vault, which must not hold anything yet; callers that may collide take its
///     lock first.
///   - options: How to write it.
///   - body: Appends the records and says where they are from.
/// - Returns: The manifest as it was written.
/// - Throws: ``ArchiveError`` (`exists`, `outOfOrder`, `misuse`), the vault's errors and the body's.
public func withArchiveWriter(
    in vault: any Vault, at path: String, options: ArchiveOptions = ArchiveOptions(),
    body: (ArchiveWriter) async throws -> ArchiveProvenance
) async throws -> Manifest {
    guard try await vault.contents(of: path).isEmpty else {
        throw ArchiveError(.exists, "there are files already", file: path)
    }
    return try await withWriter(in: vault, at: path, options) { writer in
        do {
            return try await writer.finish(try await body(writer))
        } catch {
            await writer.abandon()
            throw error
        }
    }
}

/// Writes an archive in several runs.
///
/// A run that does not come to its end leaves the parts it has published (``ArchiveWriter/finishedParts``), and a later one
/// goes on after the last of them. The parts are read and checked before; the archive is the same, byte for byte,
/// as if it had been written in one go. Everything else in the folder is removed at the start.
///
/// - Parameters:
///   - vault: Where the archive goes.
///   - path: The archive's folder in the vault, whose lock the caller holds.
///   - options: How to write it: the same for all runs.
///   - keeping: The parts that earlier runs have published, in order; none in the first run.
///   - body: Appends the records that come after those of the parts.
/// - Returns: The manifest as it was written.
/// - Throws: ``ArchiveError`` that names a part when one that is to be kept is not whole; the vault's errors and the body's.
public func withResumableArchiveWriter(
    in vault: any Vault, at path: String, options: ArchiveOptions = ArchiveOptions(), keeping: [PartSummary],
    body: (ArchiveWriter) async throws -> ArchiveProvenance
) async throws -> Manifest {
    try await withWriter(in: vault, at: path, options) { writer in
        do {
            try await writer.adopt(keeping)
            return try await writer.finish(try await body(writer))
        } catch {
            await writer.suspend()
            throw error
        }
    }
}

/// Lends a writer with compressors that work beside it.
private func withWriter(
    in vault: any Vault, at path: String, _ options: ArchiveOptions, _ body: (ArchiveWriter) async throws -> Manifest
) async throws -> Manifest {
    try options.check()
    let level = options.compressionLevel
    let pipeline = CompressingPipeline()
    return try await withWorkers(options.compressorCount, for: pipeline) { () -> (RawFrame) -> CompressedFrame in
        let compressor = Result { () throws(ArchiveError) in try ZstdCompressor(level: level) }
        return { $0.compressed(by: compressor) }
    } body: {
        try await body(ArchiveWriter(vault: vault, path: path, options: options, pipeline: pipeline))
    }
}
