import CZstd

/// Decompresses frames as their bytes come in, with bounded memory.
package final class ZstdDecompressor {
    /// The largest window, as a power of two: 128 MiB, the limit of the `zstd` command without `--long`.
    private static let windowLogMaximum: Int32 = 27

    private let context: OpaquePointer

    package init() throws(ArchiveError) {
        guard let context = ZSTD_createDCtx() else { throw ArchiveError(.misuse, "zstd has no memory for a context") }
        self.context = context
        ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, Self.windowLogMaximum)
    }

    deinit { ZSTD_freeDCtx(context) }

    /// Decompresses some input and appends at most `maximumBytes` of output.
    ///
    /// - Parameters:
    ///   - input: Compressed bytes.
    ///   - offset: Where to go on in them; moved to where the decompressor stopped.
    ///   - output: Where the raw bytes go.
    ///   - maximumBytes: The most bytes to append.
    /// - Returns: Whether the frame has ended, its checksum proven.
    /// - Throws: A `malformedFrame`.
    package func decompress(
        _ input: [UInt8], from offset: inout Int, appendingTo output: inout [UInt8], maximumBytes: Int
    ) throws(ArchiveError) -> Bool {
        var result = 0
        var position = offset
        let chunk = [UInt8](unsafeUninitializedCapacity: maximumBytes) { buffer, count in
            input.withUnsafeBytes { source in
                var input = ZSTD_inBuffer(src: source.baseAddress, size: source.count, pos: position)
                var output = ZSTD_outBuffer(dst: buffer.baseAddress, size: buffer.count, pos: 0)
                result = ZSTD_decompressStream(context, &output, &input)
                position = input.pos
                count = output.pos
            }
        }
        offset = position
        output += chunk
        try Self.check(result)
        return result == 0
    }

    /// Decompresses a whole frame at once.
    ///
    /// - Parameters:
    ///   - frame: One frame, from its first byte to its last.
    ///   - buffer: Where the content goes; its size is the one that the frame announces.
    /// - Throws: A `malformedFrame`, also if the content has another size.
    func decompress(whole frame: [UInt8], into buffer: inout [UInt8]) throws(ArchiveError) {
        let result = buffer.withUnsafeMutableBytes { content in
            frame.withUnsafeBytes {
                ZSTD_decompressDCtx(context, content.baseAddress, content.count, $0.baseAddress, $0.count)
            }
        }
        try Self.check(result)
        guard result == buffer.count else {
            throw ArchiveError(.malformedFrame, "it has not the size that it announces")
        }
    }

    private static func check(_ result: Int) throws(ArchiveError) {
        guard ZSTD_isError(result) == 0 else {
            throw ArchiveError(
                .malformedFrame, "it cannot be decompressed: \(String(cString: ZSTD_getErrorName(result)))")
        }
    }
}
