package import KVModel

/// Makes records at the edges of what KV stores; the same seed gives the same records.
///
/// Every record is one that KV accepts: a key of 1 to 512 bytes that is not `.` or `..`, metadata of 1024 bytes at
/// most, an expiration that is absent or far away.
package struct EdgeRecords: Sendable {
    /// Where the choices come from.
    package var generator: SeededGenerator
    /// The longest value made at random; edge cases may be a little longer.
    package var valueBytesMaximum: Int

    /// Starts the sequence of a seed.
    package init(seed: UInt64, valueBytesMaximum: Int = 2048) {
        generator = SeededGenerator(seed: seed)
        self.valueBytesMaximum = valueBytesMaximum
    }

    /// Records with unique keys, ascending by the keys' UTF-8 bytes.
    ///
    /// - Parameters:
    ///   - count: How many; from about 200 on, every edge key is among them.
    ///   - seed: What decides the rest.
    ///   - valueBytesMaximum: The longest value made at random.
    /// - Returns: The same records for the same arguments.
    package static func records(count: Int, seed: UInt64, valueBytesMaximum: Int = 2048) -> [KVRecord] {
        var edges = EdgeRecords(seed: seed, valueBytesMaximum: valueBytesMaximum)
        var keys = Set(EdgeRecords.keys.prefix(count))
        while keys.count < count { keys.insert(edges.key()) }
        return keys.sorted().map { edges.record(key: $0) }
    }

    /// A record with a given key.
    package mutating func record(key: KVKey) -> KVRecord {
        KVRecord(key: key, value: value(), metadata: metadata(), expiration: expiration())
    }

    /// A record with some key.
    package mutating func record() -> KVRecord { record(key: key()) }

    /// No expiration, or one between the years 2100 and 9999.
    package mutating func expiration() -> UnixTime? {
        guard generator.chance(0.3) else { return nil }
        let edges: [Int64] = [4_102_444_800, 4_294_967_295, 4_294_967_296, 253_402_300_799]
        if generator.chance(0.1) { return UnixTime(seconds: generator.pick(edges)) }
        return UnixTime(seconds: Int64.random(in: 4_102_444_800...7_258_118_400, using: &generator))
    }

    // MARK: Text

    /// Valid UTF-8 of at most the given length, from characters that have a history of breaking programs.
    package mutating func text(upTo maximum: Int) -> String {
        let target = Int.random(in: 0...max(0, maximum), using: &generator)
        var text = ""
        var count = 0
        while true {
            let scalar = self.scalar()
            count += UTF8.width(scalar)
            guard count <= target else { return text }
            text.unicodeScalars.append(scalar)
        }
    }

    /// Any character, the notable ones more often.
    package mutating func scalar() -> Unicode.Scalar {
        let kind = Int.random(in: 0..<10, using: &generator)
        if kind == 0 { return generator.pick(Self.notableScalars) }
        let range: ClosedRange<UInt32> =
            switch kind {
            case 1: 0...0x1F
            case 2: 0x7F...0x7FF
            case 3: 0x800...0xFFFF
            case 4: 0x10000...0x10FFFF
            default: 0x20...0x7E
            }
        // The surrogates are the only gap; what falls in becomes the replacement character.
        return Unicode.Scalar(UInt32.random(in: range, using: &generator)) ?? "\u{FFFD}"
    }

    /// Ends of ranges, marks, joiners, direction controls, and letters that equal others canonically.
    package static let notableScalars: [Unicode.Scalar] = [
        "\u{0}", "\u{1F}", "\u{20}", "\"", "\\", "/", "\u{7E}", "\u{7F}", "\u{80}", "\u{85}", "\u{9F}", "\u{A0}",
        "\u{AD}",
        "\u{E9}", "\u{301}", "\u{212A}", "\u{7FF}", "\u{800}", "\u{200B}", "\u{200D}", "\u{200E}", "\u{2028}",
        "\u{2029}",
        "\u{202E}", "\u{2066}", "\u{D7FF}", "\u{E000}", "\u{FEFF}", "\u{FF5E}", "\u{FFFD}", "\u{FFFE}", "\u{FFFF}",
        "\u{10000}", "\u{1F600}", "\u{E0001}", "\u{10FFFF}",
    ]
}
