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
    try options.check()
    guard try await vault.contents(of: path).isEmpty else {
        throw ArchiveError(.exists, "there are files already", file: path)
    }
    return try await withTaskGroup(of: Void.self) { group in
        let pipeline = FramePipeline()
        for _ in 0..<options.compressorCount {
            group.addTask { await pipeline.work(level: options.compressionLevel) }
        }
        let writer = ArchiveWriter(vault: vault, path: path, options: options, pipeline: pipeline)
        let result: Result<Manifest, any Error>
        do {
            result = .success(try await writer.finish(try await body(writer)))
        } catch {
            result = .failure(error)
            await writer.abandon()
        }
        await pipeline.close()
        return result
    }.get()
}
