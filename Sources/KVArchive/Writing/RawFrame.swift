/// The lines of a frame, on their way to be compressed.
struct RawFrame: Sendable {
    var lines: [UInt8]

    /// Compresses the frame.
    func compressed(by compressor: Result<ZstdCompressor, ArchiveError>) -> CompressedFrame {
        CompressedFrame(
            bytes: Result { () throws(ArchiveError) in try compressor.get().frame(of: lines) }, lines: lines)
    }
}

/// A frame as it stands in the file.
struct CompressedFrame: Sendable {
    var bytes: Result<[UInt8], ArchiveError>
    /// What was compressed, so that its memory can be used again.
    var lines: [UInt8]
}

/// The pipeline of a writer.
typealias CompressingPipeline = FramePipeline<RawFrame, CompressedFrame>
