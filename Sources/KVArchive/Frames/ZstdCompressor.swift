import CZstd

/// Compresses whole frames, one at a time.
///
/// Each frame carries its content size and a checksum, and depends on nothing but its bytes and the level.
final class ZstdCompressor {
    private let context: OpaquePointer

    /// The version of libzstd, such as `1.5.4`: the same bytes are only promised for the same version.
    static let libraryVersion = String(cString: ZSTD_versionString())

    init(level: Int) throws(ArchiveError) {
        guard let context = ZSTD_createCCtx() else { throw ArchiveError(.misuse, "zstd has no memory for a context") }
        self.context = context
        try Self.check(ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, Int32(level)))
        try Self.check(ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1))
        try Self.check(ZSTD_CCtx_setParameter(context, ZSTD_c_contentSizeFlag, 1))
    }

    deinit { ZSTD_freeCCtx(context) }

    /// The frame that holds these bytes.
    func frame(of raw: [UInt8]) throws(ArchiveError) -> [UInt8] {
        var result = 0
        let frame = [UInt8](unsafeUninitializedCapacity: ZSTD_compressBound(raw.count)) { buffer, count in
            result = raw.withUnsafeBytes {
                ZSTD_compress2(context, buffer.baseAddress, buffer.count, $0.baseAddress, $0.count)
            }
            count = ZSTD_isError(result) == 0 ? result : 0
        }
        try Self.check(result)
        return frame
    }

    private static func check(_ result: Int) throws(ArchiveError) {
        guard ZSTD_isError(result) == 0 else {
            throw ArchiveError(.misuse, "zstd cannot compress: \(String(cString: ZSTD_getErrorName(result)))")
        }
    }
}
