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
