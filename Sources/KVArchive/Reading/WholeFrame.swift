/// A data frame in memory, on its way to be decompressed and read.
struct WholeFrame: Sendable {
    /// The frame from its first byte to its last.
    var bytes: [UInt8]
    /// How many bytes of content it announces.
    var rawBytes: Int
    /// What of its records is wanted.
    var wish: FramePiece.Wish

    /// Decompresses the frame and reads its lines.
    func decoded(by decompressor: Result<ZstdDecompressor, ArchiveError>) -> FramePiece {
        do throws(ArchiveError) {
            return FramePiece(reading: try decompressor.get().content(of: bytes, rawBytes: rawBytes), wish)
        } catch {
            return FramePiece(fault: FramePiece.Fault(code: error.code, message: error.message))
        }
    }
}

/// Decompresses and reads frames beside the one who wants them.
typealias DecodingPipeline = FramePipeline<WholeFrame, FramePiece>

/// Lends a pipeline in which frames are decompressed and read ahead, on all processors.
func withDecodingPipeline<Outcome>(
    _ body: (DecodingPipeline) async throws -> Outcome
) async throws -> Outcome {
    try await withFramePipeline(workers: Processors.count) { () -> (WholeFrame) -> FramePiece in
        let decompressor = Result { () throws(ArchiveError) in try ZstdDecompressor() }
        return { $0.decoded(by: decompressor) }
    } body: { pipeline in
        try await body(pipeline)
    }
}
