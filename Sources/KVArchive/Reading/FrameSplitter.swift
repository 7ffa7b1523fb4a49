import CZstd
import Digests
import KVVault

/// Cuts the file of a part into its frames, and hashes it on the way.
///
/// Errors name neither the file nor the frame: that is for who knows how far the records have been read.
final class FrameSplitter {
    /// What stands next in the file.
    enum Piece {
        /// A data frame that is in memory from end to end, and how many bytes it says that it holds.
        case whole([UInt8], rawBytes: Int, offset: Int)
        /// A data frame that is large, does not say how large it is, or is cut off: to be read with ``decompress(_:into:)``.
        case open(offset: Int)
        /// The end of the file.
        case end
    }

    /// The largest content that is decompressed at once.
    ///
    /// Frames of kvark's own have 4 MiB, unless one line has more.
    private static let wholeBytesMaximum = 8 << 20
    private static let chunkBytes = 256 << 10

    private let reader: any VaultReader
    /// How many bytes the file should have.
    private let bytesExpected: Int
    private let spares: SpareBuffers
    private var hash = SHA256()
    private var input: [UInt8] = []
    private var inputOffset = 0
    private(set) var bytesRead = 0

    /// Splits a file.
    ///
    /// - Parameters:
    ///   - reader: The file, from its start.
    ///   - bytesExpected: How many bytes it should have.
    ///   - spares: Where memory for frames comes from; who has decompressed a frame gives it back there.
    init(_ reader: any VaultReader, bytesExpected: Int, spares: SpareBuffers) {
        self.reader = reader
        self.bytesExpected = bytesExpected
        self.spares = spares
    }

    /// Where the splitter stands in the file.
    var offset: Int { bytesRead - input.count + inputOffset }

    /// The SHA-256 of what has been read, in hexadecimal.
    var sha256: String { SHA256Hex.text(hash.finalize()) }

    /// Moves to the next data frame; an open one must have been read to its end before.
    func next() async throws -> Piece {
        while try await fill(atLeast: FrameStart.byteCount) > 0 {
            switch FrameStart(input[inputOffset...]) {
            case .zstd: return try await dataFrame()
            case .skippable(let contentBytes): try await skip(contentBytes)
            case nil: throw ArchiveError(.malformedFrame, "what follows at byte \(offset) is no frame")
            }
        }
        return .end
    }

    private func skip(_ contentBytes: Int) async throws {
        inputOffset += FrameStart.byteCount
        var left = contentBytes
        while left > 0 {
            let available = try await fill(atLeast: 1)
            guard available > 0 else { throw ArchiveError(.malformedFrame, "the file ends inside a skippable frame") }
            let step = min(available, left)
            inputOffset += step
            left -= step
        }
    }

    // MARK: Whole frames

    private func dataFrame() async throws -> Piece {
        let start = offset
        // The longest header of a frame (RFC 8878, section 3.1.1.1).
        _ = try await fill(atLeast: 18)
        let announced = input.withUnsafeBytes { buffer in
            ZSTD_getFrameContentSize(buffer.baseAddress.map { $0 + inputOffset }, buffer.count - inputOffset)
        }
        // Sizes that are not known are very large numbers.
        guard announced <= UInt64(Self.wholeBytesMaximum) else { return .open(offset: start) }
        let rawBytes = Int(announced)
        guard let bytes = try await wholeFrameBytes(maximum: ZSTD_compressBound(rawBytes) + FrameStart.byteCount) else {
            return .open(offset: start)
        }
        var frame = spares.take()
        // What is too small is not made larger: an array that grows takes twice what it needs.
        if frame.capacity >= bytes { frame.removeAll(keepingCapacity: true) } else { frame = [] }
        frame += input[inputOffset..<inputOffset + bytes]
        inputOffset += bytes
        return .whole(frame, rawBytes: rawBytes, offset: start)
    }

    /// Reads on until the frame is in memory; `nil` if it does not end where it should.
    private func wholeFrameBytes(maximum: Int) async throws -> Int? {
        while true {
            let available = input.count - inputOffset
            let found = input.withUnsafeBytes { buffer in
                ZSTD_findFrameCompressedSize(buffer.baseAddress.map { $0 + inputOffset }, available)
            }
            if ZSTD_isError(found) == 0 { return found }
            guard available < maximum, try await fill(atLeast: available + 1) > available else { return nil }
        }
    }

    // MARK: Open frames

    /// Decompresses a step of the open frame.
    ///
    /// - Parameters:
    ///   - decompressor: The one that had the steps before.
    ///   - output: Where the content goes.
    /// - Returns: Whether the frame has ended, its checksum proven.
    /// - Throws: `malformedFrame`; the vault's errors.
    func decompress(_ decompressor: ZstdDecompressor, into output: inout [UInt8]) async throws -> Bool {
        // Without input there may still be output that did not fit before.
        let available = try await fill(atLeast: 1)
        let before = output.count
        let isAtEnd = try decompressor.decompress(
            input, from: &inputOffset, appendingTo: &output, maximumBytes: Self.chunkBytes)
        guard isAtEnd || output.count > before || available > 0 else {
            throw ArchiveError(.malformedFrame, "the file ends inside a frame")
        }
        return isAtEnd
    }

    // MARK: Input

    /// Makes bytes available, fewer than asked for only at the end of the file.
    private func fill(atLeast wanted: Int) async throws -> Int {
        while input.count - inputOffset < wanted {
            let chunk = try await reader.read(maximumBytes: Self.chunkBytes)
            if chunk.isEmpty { break }
            bytesRead += chunk.count
            guard bytesRead <= bytesExpected else {
                throw ArchiveError(.wrongSize, "it is longer than \(bytesExpected) bytes")
            }
            hash.update(data: chunk)
            input.removeFirst(inputOffset)
            inputOffset = 0
            input += chunk
        }
        return input.count - inputOffset
    }
}
