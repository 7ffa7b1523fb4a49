/// UTF-8 taken apart by arithmetic, for comparison with the standard library's judgement.
enum ScalarText {
    /// The code points of a text, or `nil` if it is not UTF-8 (RFC 3629, section 3).
    static func scalars(_ bytes: [UInt8]) -> [UInt32]? {
        var out: [UInt32] = []
        out.reserveCapacity(bytes.count)
        var rest = bytes[...]
        while let first = rest.popFirst() {
            if first < 0x80 {
                out.append(UInt32(first))
                continue
            }
            let following = [0xC0, 0xE0, 0xF0, 0xF8].filter { first >= $0 }.count
            guard (1...3).contains(following), rest.count >= following else { return nil }
            var value = UInt32(first) & (0x3F >> UInt32(following))
            for byte in rest.prefix(following) {
                guard byte & 0xC0 == 0x80 else { return nil }
                value = value << 6 | UInt32(byte & 0x3F)
            }
            rest = rest.dropFirst(following)
            let isShortest = value >= [0x80, 0x800, 0x1_0000][following - 1]
            guard isShortest, value <= 0x10_FFFF, value & 0xFFFF_F800 != 0xD800 else { return nil }
            out.append(value)
        }
        return out
    }
}
