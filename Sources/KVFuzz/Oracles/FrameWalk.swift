import CZstd
import KVArchive

/// What stands in the file of a part as far as libzstd can read it, found without the library's own readers.
struct FrameWalk {
    /// No input of a fuzzer holds more records than this.
    private static let rawBytesMaximum = 4 << 20

    /// The content of the data frames.
    private(set) var raw: [UInt8] = []
    /// How many data frames there are.
    private(set) var frames = 0
    /// Whether the file was read to its end.
    private(set) var isWhole = true

    /// Reads a file frame by frame until one is damaged.
    init(_ file: [UInt8]) {
        var offset = 0
        while offset < file.count {
            guard let bytes = takeFrame(file[offset...]) else {
                isWhole = false
                return
            }
            offset += bytes
        }
    }

    /// Adds the content of the frame at the start, and says how long the frame is.
    private mutating func takeFrame(_ bytes: ArraySlice<UInt8>) -> Int? {
        bytes.withUnsafeBytes { (source) -> Int? in
            let size = ZSTD_findFrameCompressedSize(source.baseAddress, source.count)
            if ZSTD_isError(size) != 0 { return nil }
            // The magic numbers of skippable frames are 0x184D2A50 to 0x184D2A5F, their lowest byte first.
            if source[0] & 0xF0 == 0x50 { return size }
            frames += 1
            guard let content = Self.content(UnsafeRawBufferPointer(rebasing: source[..<size])) else { return nil }
            raw += content
            return size
        }
    }

    /// The content of a frame, if it is sound and not too long.
    private static func content(_ frame: UnsafeRawBufferPointer) -> [UInt8]? {
        var capacity = 64 << 10
        while capacity <= rawBytesMaximum {
            var written = 0
            let content = [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
                written = ZSTD_decompress(buffer.baseAddress, buffer.count, frame.baseAddress, frame.count)
                count = ZSTD_isError(written) == 0 ? written : 0
            }
            if ZSTD_isError(written) == 0 { return content }
            guard ZSTD_getErrorCode(written) == ZSTD_error_dstSize_tooSmall else { return nil }
            capacity *= 8
        }
        return nil
    }

    /// Compresses some bytes as a frame with a checksum.
    static func frame(_ raw: some Collection<UInt8>) -> [UInt8] {
        let raw = Array(raw)
        let bound = ZSTD_compressBound(raw.count)
        return [UInt8](unsafeUninitializedCapacity: bound) { buffer, count in
            guard let context = ZSTD_createCCtx() else { preconditionFailure("zstd has no memory for a context") }
            defer { ZSTD_freeCCtx(context) }
            ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1)
            let written = ZSTD_compress2(context, buffer.baseAddress, buffer.count, raw, raw.count)
            precondition(ZSTD_isError(written) == 0, "zstd did not compress")
            count = written
        }
    }
}
