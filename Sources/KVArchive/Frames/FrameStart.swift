/// What the first bytes of a frame say (RFC 8878, sections 3.1.1 and 3.1.2).
enum FrameStart: Equatable {
    /// A frame with records.
    case zstd
    /// A frame that is passed over, with the length of its content.
    case skippable(contentBytes: Int)

    /// How many bytes are needed to know.
    static let byteCount = 8

    /// Reads the start of a frame; `nil` if no frame starts like this.
    ///
    /// - Parameter bytes: The frame's bytes, eight of them if it has so many.
    init?(_ bytes: ArraySlice<UInt8>) {
        guard let magic = bytes.littleEndian(at: 0) else { return nil }
        if magic == 0xFD2F_B528 {
            self = .zstd
        } else if magic & 0xFFFF_FFF0 == 0x184D_2A50, let size = bytes.littleEndian(at: 4) {
            self = .skippable(contentBytes: Int(size))
        } else {
            return nil
        }
    }
}

extension ArraySlice<UInt8> {
    /// The 32-bit number at an offset from the slice's start, or `nil` if the slice ends before.
    func littleEndian(at offset: Int) -> UInt32? {
        guard offset >= 0, offset <= count - 4 else { return nil }
        let start = startIndex + offset
        return UInt32(self[start]) | UInt32(self[start + 1]) << 8 | UInt32(self[start + 2]) << 16
            | UInt32(self[start + 3]) << 24
    }
}

extension [UInt8] {
    /// Appends a 32-bit number, its lowest byte first.
    mutating func appendLittleEndian(_ number: UInt32) {
        for shift in [UInt32(0), 8, 16, 24] { append(UInt8(truncatingIfNeeded: number >> shift)) }
    }
}
