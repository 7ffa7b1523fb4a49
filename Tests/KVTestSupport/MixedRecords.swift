package import KVModel

/// Records as namespaces have them: mostly small JSON, some sessions that expire, a few that are not text, and some large
/// ones.
package enum MixedRecords {
    /// How long a large value is.
    package static let largeBytes = 2 << 20

    /// Records with ascending keys.
    ///
    /// - Parameters:
    ///   - count: How many.
    ///   - seed: What decides all of them.
    ///   - nonTextShare: The share of values that are not text.
    ///   - large: How many of the values have 2 MiB, every second of them not text.
    /// - Returns: The same records for the same arguments.
    package static func records(
        count: Int, seed: UInt64, nonTextShare: Double = 0.01, large: Int = 0
    ) -> [KVRecord] {
        var generator = SeededGenerator(seed: seed)
        let heavy = Set((0..<large).map { _ in Int.random(in: 0..<max(1, count), using: &generator) })
        return (0..<count).map { index in
            let digits = String(index)
            let key = KVKey("key:" + String(repeating: "0", count: max(0, 8 - digits.count)) + digits)
            let isText = !generator.chance(nonTextShare)
            let bytes = heavy.contains(index) ? largeBytes : Int.random(in: 0..<300, using: &generator)
            let value =
                heavy.contains(index) && index % 2 == 0 || isText
                ? text(bytes, index, &generator) : [0xFF] + generator.bytes(bytes)
            return KVRecord(
                key: key, value: value,
                metadata: generator.chance(0.3) ? try? KVMetadata(json: "{\"n\":\(index).0}") : nil,
                expiration: generator.chance(0.2)
                    ? UnixTime(seconds: 4_102_444_800 + Int64(index)) : nil)
        }
    }

    private static func text(_ bytes: Int, _ index: Int, _ generator: inout SeededGenerator) -> [UInt8] {
        var text = Array("{\"id\":\(index),\"text\":\"é\\n😀\",\"rest\":\"".utf8)
        while text.count < bytes { text += String(generator.next(), radix: 36).utf8 }
        return text + Array("\"}".utf8)
    }
}
