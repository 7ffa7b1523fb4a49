import KVModel
import KVVault

/// Walks the frames of a part that may be damaged, and finds the next one behind each that is.
///
/// Nothing that the archive says of the part is needed: a frame is recognised by its first bytes and believed if it can be
/// decompressed, its checksum holds and it is made of whole lines.
struct FrameScanner {
    /// What stands next in the file.
    enum Finding {
        /// A frame that is whole, with its content.
        case frame(offset: Int, raw: [UInt8])
        /// Bytes that belong to no frame that is whole.
        case damage(offset: Int, bytes: Int)
    }

    private static let chunkBytes = 256 << 10
    /// More than any frame of a writer that keeps to frames of some MiB, and room for the longest line.
    private static let rawBytesMaximum = 256 << 20

    private let vault: any Vault
    private let name: String
    let fileBytes: Int
    private var offset = 0

    /// A scanner at the start of a file.
    init(of name: String, in vault: any Vault) async throws {
        self.vault = vault
        self.name = name
        fileBytes = try await vault.open(name, from: 0).bytes
    }

    /// The next finding, or `nil` at the end of the file.
    mutating func next() async throws -> Finding? {
        while offset < fileBytes {
            try Task.checkCancellation()
            switch try await frame(at: offset) {
            case .data(let raw, let bytes):
                defer { offset += bytes }
                return .frame(offset: offset, raw: raw)
            case .skippable(let bytes):
                offset += bytes
            case nil:
                let start = offset
                offset = try await nextFrame(after: start)
                return .damage(offset: start, bytes: offset - start)
            }
        }
        return nil
    }

    private enum Frame {
        case data(raw: [UInt8], bytes: Int)
        case skippable(bytes: Int)
    }

    /// The whole frame that starts at an offset, if one does.
    private func frame(at offset: Int) async throws -> Frame? {
        let reader = try await vault.open(name, from: offset)
        var input = try await reader.read(maximumBytes: Self.chunkBytes)
        while input.count < FrameStart.byteCount {
            let more = try await reader.read(maximumBytes: Self.chunkBytes)
            if more.isEmpty { break }
            input += more
        }
        switch FrameStart(input[...]) {
        case .skippable(let contentBytes):
            let bytes = FrameStart.byteCount + contentBytes
            return offset + bytes <= fileBytes ? .skippable(bytes: bytes) : nil
        case .zstd: return try await dataFrame(reader, input)
        case nil: return nil
        }
    }

    private func dataFrame(_ reader: any VaultReader, _ first: [UInt8]) async throws -> Frame? {
        let decompressor = try ZstdDecompressor()
        var input = first
        var position = 0
        var consumed = 0
        var raw: [UInt8] = []
        while raw.count <= Self.rawBytesMaximum {
            let before = (raw.count, position)
            guard
                let isAtEnd = try? decompressor.decompress(
                    input, from: &position, appendingTo: &raw, maximumBytes: Self.chunkBytes)
            else { return nil }
            if isAtEnd {
                return raw.last == 0x0A ? .data(raw: raw, bytes: consumed + position) : nil
            }
            guard position == input.count, before == (raw.count, position) else { continue }
            consumed += input.count
            input = try await reader.read(maximumBytes: Self.chunkBytes)
            position = 0
            if input.isEmpty { return nil }
        }
        return nil
    }

    /// Where the next whole frame starts, or where the file ends.
    private func nextFrame(after start: Int) async throws -> Int {
        var candidate = start
        while let next = try await nextMagic(after: candidate) {
            if try await frame(at: next) != nil { return next }
            candidate = next
        }
        return fileBytes
    }

    /// Where the next four bytes stand that could begin a frame.
    private func nextMagic(after start: Int) async throws -> Int? {
        let reader = try await vault.open(name, from: start + 1)
        var position = start + 1
        var window: [UInt8] = []
        while true {
            try Task.checkCancellation()
            let chunk = try await reader.read(maximumBytes: Self.chunkBytes)
            if chunk.isEmpty { return nil }
            window += chunk
            var index = 0
            while index + 4 <= window.count {
                if Self.mayBeginFrame(window, index) { return position + index }
                index += 1
            }
            let kept = min(3, window.count)
            position += window.count - kept
            window = Array(window.suffix(kept))
        }
    }

    /// The magic numbers of data frames and of skippable ones.
    private static func mayBeginFrame(_ bytes: [UInt8], _ index: Int) -> Bool {
        switch bytes[index] {
        case 0x28: bytes[index + 1] == 0xB5 && bytes[index + 2] == 0x2F && bytes[index + 3] == 0xFD
        case 0x50...0x5F: bytes[index + 1] == 0x2A && bytes[index + 2] == 0x4D && bytes[index + 3] == 0x18
        default: false
        }
    }
}
