/// A data frame in memory, on its way to be decompressed and read.
struct WholeFrame: Sendable {
    /// The frame from its first byte to its last.
    var bytes: [UInt8]
    /// How many bytes of content it announces.
    var rawBytes: Int
    /// What of its records is wanted.
    var wish: FramePiece.Wish

    /// Decompresses the frame and reads its lines.
    ///
    /// - Parameters:
    ///   - decompressor: What to decompress it with.
    ///   - spares: Where memory comes from, and goes to where the lines themselves are not wanted.
    /// - Returns: The lines up to the first fault.
    func decoded(by decompressor: Result<ZstdDecompressor, ArchiveError>, _ spares: SpareBuffers) -> FramePiece {
        var content = spares.take()
        content.resize(to: rawBytes)
        do throws(ArchiveError) {
            try decompressor.get().decompress(whole: bytes, into: &content)
        } catch {
            return FramePiece(fault: FramePiece.Fault(code: error.code, message: error.message))
        }
        var piece = FramePiece(reading: content, wish)
        if wish == .records {
            piece.raw = []
            spares.give(content)
        }
        return piece
    }
}

extension [UInt8] {
    /// Brings the array to a size, whatever its content is then.
    fileprivate mutating func resize(to size: Int) {
        // Made anew rather than larger, which copies; and large enough for the next of about the same size.
        if capacity < size {
            self = []
            reserveCapacity((size + 0xFFFF) & ~0xFFFF)
        }
        if count > size { removeLast(count - size) } else { append(contentsOf: repeatElement(0, count: size - count)) }
    }
}

/// Decompresses and reads frames ahead, beside the one who wants them.
struct DecodingPipeline: Sendable {
    typealias Ticket = FramePipeline<WholeFrame, FramePiece>.Ticket

    let frames = FramePipeline<WholeFrame, FramePiece>()
    /// What of the records is wanted.
    let wish: FramePiece.Wish
    /// How many frames are on their way.
    ///
    /// One for each worker and one that waits; where only totals are wanted, which take little memory, one more, so that no
    /// worker is ever without.
    let depth: Int
    /// Memory for contents; who has taken what it needs from a piece gives it back.
    let spares: SpareBuffers
    /// Memory for compressed frames, given back once they are decompressed.
    ///
    /// Those of values that do not compress are larger than most; beside records, they are not kept.
    let spareFrames: SpareBuffers

    init(for wish: FramePiece.Wish) {
        self.wish = wish
        switch wish {
        case .records:
            depth = Processors.count + 1
            spares = SpareBuffers(limit: Processors.count)
            spareFrames = SpareBuffers(limit: Processors.count, bytesMaximum: 2 << 20)
        case .totals:
            depth = Processors.count + 2
            spares = SpareBuffers(limit: depth)
            spareFrames = SpareBuffers(limit: depth)
        }
    }
}

/// Lends a pipeline in which frames are decompressed and read ahead, on all processors.
func withDecodingPipeline<Outcome>(
    for wish: FramePiece.Wish, _ body: (DecodingPipeline) async throws -> Outcome
) async throws -> Outcome {
    let pipeline = DecodingPipeline(for: wish)
    return try await withWorkers(Processors.count, for: pipeline.frames) { () -> (WholeFrame) -> FramePiece in
        let decompressor = Result { () throws(ArchiveError) in try ZstdDecompressor() }
        return { $0.decoded(by: decompressor, pipeline.spares) }
    } body: {
        try await body(pipeline)
    }
}
