/// Damages inputs.
struct Mutator {
    /// The longest input that is made, in bytes.
    static let bytesMaximum = 64 << 10

    private let tokens: [[UInt8]]
    var generator: FuzzGenerator

    init(tokens: [String], generator: FuzzGenerator) {
        self.tokens = tokens.map { Array($0.utf8) }
        self.generator = generator
    }

    /// An input with some damages.
    ///
    /// - Parameters:
    ///   - input: What is damaged.
    ///   - other: Another input, of which parts may be taken.
    /// - Returns: The damaged input, not longer than ``bytesMaximum``.
    mutating func damaged(_ input: [UInt8], with other: [UInt8]) -> [UInt8] {
        var bytes = input
        for _ in 0..<(1 << generator.below(4)) { damage(&bytes, with: other) }
        return Array(bytes.prefix(Self.bytesMaximum))
    }

    private mutating func damage(_ bytes: inout [UInt8], with other: [UInt8]) {
        switch generator.below(16) {
        case 0, 1: flipBit(&bytes)
        case 2: setByte(&bytes)
        case 3: insertBytes(&bytes)
        case 4, 5: bytes.removeSubrange(generator.range(within: bytes.count))
        case 6: copyBlock(&bytes)
        case 7: overwriteBlock(&bytes, from: other)
        case 8: splice(&bytes, with: other)
        case 9, 10, 11: putToken(&bytes)
        case 12: putBinaryNumber(&bytes)
        case 13: replaceDigits(&bytes)
        case 14: repeatBlock(&bytes)
        default: bytes.removeLast(min(bytes.count, generator.below(bytes.count + 1)))
        }
    }

    // MARK: Bytes

    private mutating func flipBit(_ bytes: inout [UInt8]) {
        guard !bytes.isEmpty else { return }
        bytes[generator.below(bytes.count)] ^= 1 << UInt8(generator.below(8))
    }

    private mutating func setByte(_ bytes: inout [UInt8]) {
        guard !bytes.isEmpty else { return }
        bytes[generator.below(bytes.count)] = UInt8(generator.below(256))
    }

    private mutating func insertBytes(_ bytes: inout [UInt8]) {
        let new = (0...generator.below(4)).map { _ in UInt8(generator.below(256)) }
        bytes.insert(contentsOf: new, at: generator.below(bytes.count + 1))
    }

    // MARK: Blocks

    private mutating func copyBlock(_ bytes: inout [UInt8]) {
        let block = Array(bytes[generator.range(within: bytes.count)])
        bytes.insert(contentsOf: block, at: generator.below(bytes.count + 1))
    }

    private mutating func overwriteBlock(_ bytes: inout [UInt8], from other: [UInt8]) {
        let block = other[generator.range(within: other.count)]
        let start = generator.below(bytes.count + 1)
        bytes.replaceSubrange(start..<min(bytes.count, start + block.count), with: block)
    }

    /// The start of one and the end of the other.
    private mutating func splice(_ bytes: inout [UInt8], with other: [UInt8]) {
        let start = bytes.prefix(generator.below(bytes.count + 1))
        bytes = Array(start + other.dropFirst(generator.below(other.count + 1)))
    }

    /// Makes what is nested deeply and what is there many times.
    private mutating func repeatBlock(_ bytes: inout [UInt8]) {
        let range = generator.range(within: bytes.count)
        let times = 1 << generator.below(12)
        guard !range.isEmpty, range.count * times <= Self.bytesMaximum else { return }
        let block = Array(bytes[range])
        bytes.insert(contentsOf: (0..<times).flatMap { _ in block }, at: range.lowerBound)
    }

    // MARK: Meaning

    private mutating func putToken(_ bytes: inout [UInt8]) {
        guard !tokens.isEmpty else { return }
        let token = tokens[generator.below(tokens.count)]
        let start = generator.below(bytes.count + 1)
        let replaced = generator.below(2) == 0 ? 0 : token.count
        bytes.replaceSubrange(start..<min(bytes.count, start + replaced), with: token)
    }

    private static let edges: [UInt64] = [
        0, 1, 2, 8, 0x7F, 0x80, 0xFF, 0x100, 0x7FFF, 0xFFFF, 0x1_0000, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF,
        0x1_0000_0000, 0x001F_FFFF_FFFF_FFFF, 0x7FFF_FFFF_FFFF_FFFF, 0x8000_0000_0000_0000, .max,
    ]

    private mutating func edge() -> UInt64 {
        Self.edges[generator.below(Self.edges.count)] &+ UInt64(generator.below(3)) &- 1
    }

    /// Writes a number at the edge of a type over what stands there, its lowest byte first or last.
    private mutating func putBinaryNumber(_ bytes: inout [UInt8]) {
        let width = 1 << generator.below(4)
        let number = edge()
        var digits = (0..<width).map { UInt8(truncatingIfNeeded: number >> UInt64(8 * $0)) }
        if generator.below(4) == 0 { digits.reverse() }
        let start = generator.below(bytes.count + 1)
        bytes.replaceSubrange(start..<min(bytes.count, start + width), with: digits)
    }

    /// Puts a number at the edge of a type in the place of decimal digits.
    private mutating func replaceDigits(_ bytes: inout [UInt8]) {
        func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
        let from = generator.below(bytes.count + 1)
        guard let start = bytes[from...].firstIndex(where: isDigit) else { return }
        let end = bytes[start...].firstIndex { !isDigit($0) } ?? bytes.count
        let sign = generator.below(4) == 0 ? "-" : ""
        let exponent = generator.below(8) == 0 ? "e\(Int64(bitPattern: edge()))" : ""
        bytes.replaceSubrange(start..<end, with: "\(sign)\(edge())\(exponent)".utf8)
    }
}
