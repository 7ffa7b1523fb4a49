import CZstd

/// Compresses whole frames, one at a time.
///
/// Each frame carries its content size and a checksum, and depends on nothing but its bytes and the level.
final class ZstdCompressor {
    private let context: OpaquePointer
    /// Where frames are made: as large as the largest so far could have become, and used again for the next.
    private var workspace = UnsafeMutableRawBufferPointer(start: nil, count: 0)

    /// The version of libzstd, such as `1.5.4`: the same bytes are only promised for the same version.
    static let libraryVersion = String(cString: ZSTD_versionString())

    init(level: Int) throws(ArchiveError) {
        guard let context = ZSTD_createCCtx() else { throw ArchiveError(.misuse, "zstd has no memory for a context") }
        self.context = context
        try Self.check(ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, Int32(level)))
        try Self.check(ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1))
        try Self.check(ZSTD_CCtx_setParameter(context, ZSTD_c_contentSizeFlag, 1))
    }

    deinit {
        ZSTD_freeCCtx(context)
        workspace.deallocate()
    }

    /// The frame that holds these bytes.
    func frame(of raw: [UInt8]) throws(ArchiveError) -> [UInt8] {
        makeRoom(ZSTD_compressBound(raw.count))
        let count = raw.withUnsafeBytes {
            ZSTD_compress2(context, workspace.baseAddress, workspace.count, $0.baseAddress, $0.count)
        }
        try Self.check(count)
        return Array(UnsafeRawBufferPointer(rebasing: workspace[..<count]))
    }

    /// Begins a frame whose content comes in pieces, which takes little memory however much it is.
    ///
    /// - Parameter rawBytes: How many bytes of content there will be.
    /// - Throws: A `misuse`, if zstd has no memory for it.
    func begin(rawBytes: Int) throws(ArchiveError) {
        try Self.check(ZSTD_CCtx_reset(context, ZSTD_reset_session_only))
        try Self.check(ZSTD_CCtx_setPledgedSrcSize(context, UInt64(rawBytes)))
        makeRoom(ZSTD_CStreamOutSize())
    }

    /// Compresses a piece of the content.
    ///
    /// - Parameters:
    ///   - piece: The bytes that come next.
    ///   - frame: The frame, to which all that has become of them is added.
    ///   - isLast: Whether the frame ends with them; then it is whole.
    /// - Throws: A `misuse`, also if the content has another size than was said.
    func compress(_ piece: [UInt8], into frame: inout [UInt8], isLast: Bool) throws(ArchiveError) {
        var (consumed, left) = (0, 1)
        while isLast ? left > 0 : consumed < piece.count {
            let written = piece.withUnsafeBytes { content in
                var input = ZSTD_inBuffer(src: content.baseAddress, size: content.count, pos: consumed)
                var output = ZSTD_outBuffer(dst: workspace.baseAddress, size: workspace.count, pos: 0)
                left = ZSTD_compressStream2(context, &output, &input, isLast ? ZSTD_e_end : ZSTD_e_continue)
                consumed = input.pos
                return output.pos
            }
            try Self.check(left)
            frame += UnsafeRawBufferPointer(rebasing: workspace[..<written])
        }
    }

    private func makeRoom(_ bytes: Int) {
        guard workspace.count < bytes else { return }
        workspace.deallocate()
        workspace = .allocate(byteCount: bytes, alignment: 16)
    }

    private static func check(_ result: Int) throws(ArchiveError) {
        guard ZSTD_isError(result) == 0 else {
            throw ArchiveError(.misuse, "zstd cannot compress: \(String(cString: ZSTD_getErrorName(result)))")
        }
    }
}
