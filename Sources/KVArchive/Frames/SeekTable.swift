/// Where the frames of a part stand: the seek table of the zstd seekable format 0.1.0.
///
/// The table is the content of a skippable frame at the very end of a part and lists all frames before it, the ones
/// without records too, so that the sum of sizes is an offset.
package struct SeekTable: Equatable {
    package struct Entry: Equatable {
        /// The bytes of the frame in the file.
        package var bytes: Int
        /// The bytes of the frame's content; 0 for a skippable frame.
        package var rawBytes: Int

        package init(bytes: Int, rawBytes: Int) {
            self.bytes = bytes
            self.rawBytes = rawBytes
        }
    }

    private static let frameMagic: UInt32 = 0x184D_2A5E
    private static let tableMagic: UInt32 = 0x8F92_EAB1
    /// The bytes of the number of frames, the descriptor and the magic number.
    static let footerBytes = 9
    private static let checksumFlag: UInt8 = 0x80
    private static let reservedBits: UInt8 = 0x7C

    package var entries: [Entry]

    /// The table as a frame.
    package var frame: [UInt8] {
        var out: [UInt8] = []
        out.appendLittleEndian(Self.frameMagic)
        out.appendLittleEndian(UInt32(entries.count * 8 + Self.footerBytes))
        for entry in entries {
            out.appendLittleEndian(UInt32(entry.bytes))
            out.appendLittleEndian(UInt32(entry.rawBytes))
        }
        out.appendLittleEndian(UInt32(entries.count))
        out.append(0)
        out.appendLittleEndian(Self.tableMagic)
        return out
    }

    /// The size of the frame that ends with this footer, the last nine bytes of a file.
    ///
    /// It is `nil` if this is not the footer of a seek table.
    static func frameBytes(footer: [UInt8]) -> Int? {
        guard footer.count == footerBytes, footer[...].littleEndian(at: 5) == tableMagic, footer[4] & reservedBits == 0,
            let count = footer[...].littleEndian(at: 0)
        else { return nil }
        return 8 + Int(count) * entryBytes(descriptor: footer[4]) + footerBytes
    }

    /// Entries may carry checksums of their own; those of the frames themselves are enough for us.
    private static func entryBytes(descriptor: UInt8) -> Int { descriptor & checksumFlag == 0 ? 8 : 12 }

    /// Reads a table; `nil` if the table is not one or does not fit the file.
    ///
    /// - Parameters:
    ///   - frame: The whole frame, whose footer has been looked at.
    ///   - fileBytes: The size of the file, which the table must explain to the last byte.
    package init?(frame: [UInt8], fileBytes: Int) {
        let footer = Array(frame.suffix(Self.footerBytes))
        guard let size = Self.frameBytes(footer: footer), size == frame.count,
            frame[...].littleEndian(at: 0) == Self.frameMagic, frame[...].littleEndian(at: 4) == UInt32(size - 8)
        else { return nil }
        let stride = Self.entryBytes(descriptor: footer[4])
        entries = []
        // A file has no more than four billion frames of no more than 4 GiB: the sum cannot overflow.
        var sum = size
        for offset in Swift.stride(from: 8, to: size - Self.footerBytes, by: stride) {
            guard let bytes = frame[...].littleEndian(at: offset), let raw = frame[...].littleEndian(at: offset + 4)
            else { return nil }
            entries.append(Entry(bytes: Int(bytes), rawBytes: Int(raw)))
            sum += Int(bytes)
        }
        guard sum == fileBytes else { return nil }
    }

    package init(entries: [Entry]) { self.entries = entries }
}
