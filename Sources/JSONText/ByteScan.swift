/// Finds bytes eight at a time, because strings make up nearly all of a KV namespace's JSON.
enum ByteScan {
    private static let ones: UInt64 = 0x0101_0101_0101_0101
    private static let highs: UInt64 = 0x8080_8080_8080_8080

    /// The offset of the first byte at or after `start` that cannot stand bare in a JSON string.
    ///
    /// These are the quote, the backslash and the control characters; `bytes.count` when there is none.
    static func firstSpecial(in bytes: UnsafeRawBufferPointer, from start: Int) -> Int {
        var index = start
        while index &+ 8 <= bytes.count {
            let found = specials(in: bytes, at: index)
            // The lowest flag is exact; only flags above it may be false, through the borrow of the subtraction.
            if found != 0 { return index &+ found.trailingZeroBitCount / 8 }
            index &+= 8
            // Long runs, as in base64 and in pages, four words at a time.
            while index &+ 32 <= bytes.count, !hasSpecials(in: bytes, at: index) { index &+= 32 }
        }
        while index < bytes.count {
            let byte = bytes[index]
            if byte == 0x22 || byte == 0x5C || byte < 0x20 { return index }
            index &+= 1
        }
        return bytes.count
    }

    /// Flags the bytes of a word that cannot stand bare, each in its highest bit.
    @inline(__always)
    private static func specials(in bytes: UnsafeRawBufferPointer, at index: Int) -> UInt64 {
        let word = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self))
        let quotes = zeroBytes(word ^ (0x22 &* ones))
        let backslashes = zeroBytes(word ^ (0x5C &* ones))
        let controls = (word &- (0x20 &* ones)) & ~word & highs
        return quotes | backslashes | controls
    }

    /// Whether one of the bytes of four words cannot stand bare.
    ///
    /// The arithmetic is that for one word: the compiler makes vector instructions of it, but loops of comparisons of bytes.
    @inline(__always)
    private static func hasSpecials(in bytes: UnsafeRawBufferPointer, at index: Int) -> Bool {
        let words = bytes.loadUnaligned(fromByteOffset: index, as: SIMD4<UInt64>.self)
        let ones = SIMD4(repeating: ones)
        let quotes = (words ^ SIMD4(repeating: 0x22 &* Self.ones)) &- ones
        let backslashes = (words ^ SIMD4(repeating: 0x5C &* Self.ones)) &- ones
        let controls = words &- SIMD4(repeating: 0x20 &* Self.ones)
        let flags = (quotes | backslashes | controls) & ~words
        return (flags[0] | flags[1] | flags[2] | flags[3]) & highs != 0
    }

    private static func zeroBytes(_ word: UInt64) -> UInt64 { (word &- ones) & ~word & highs }
}
