import KVArchive
import KVTestSupport

/// Records with the edges of the format among them.
enum Generate {
    static let edgeKeys = [
        "...", "a/../b", "__proto__", "constructor", "0", "00", "1e3", "-1", " ", "%2F", "\u{0}", "\u{0}\u{1}",
        "\u{FEFF}",
        "\u{FFFD}", "é", "e\u{301}", "\u{10FFFF}", "😀", "\"", "\\", "\\\"", "</script>", "line\nfeed", "tab\t",
        "\u{7F}",
        "\u{2028}", String(repeating: "k", count: 512), "part-000000.ndjson.zst", "expiration\":1,", "\u{1F}\u{8}\u{C}",
    ]
    static let edgeMetadata = [
        "1.0", "1e400", "9007199254740993", "-0", "true", "\"\"", "[]", "{}", "{\"a\":1,\"a\":2}", "[null]", "0.1e-7",
        "{\"b\":1,\"a\":\"\\u00e9\"}", "\"/\\/\"", "[[[[[[[[1]]]]]]]]", "{\"\":{}}",
    ]
    static let edgeValues: [[UInt8]] = [
        [], [0], [0xEF, 0xBB, 0xBF], [0xEF, 0xBF, 0xBD], [0xFF], [0xC3], [0xED, 0xA0, 0x80], [0x0A], [0x0D, 0x0A],
        Array("\"\\\u{8}\u{C}\n\r\t\u{1}".utf8), Array("😀".utf8), [0xFF, 0xD8, 0xFF, 0xE0], Array("null".utf8),
    ]

    /// Records in order, the edges first and then as many as asked for.
    static func lines(_ count: Int, seed: UInt64) -> [RecordLine] {
        var generator = SeededGenerator(seed: seed)
        var keys = Set(edgeKeys)
        while keys.count < max(count, edgeKeys.count) { keys.insert("key:\(generator.next() % 1_000_000_000)") }
        let sorted = keys.map { KVKey($0) }.sorted()
        return sorted.map { RecordLine(record(key: $0, &generator)) }
    }

    private static func record(key: KVKey, _ generator: inout SeededGenerator) -> KVRecord {
        var value = edgeValues.randomElement(using: &generator) ?? []
        if Bool.random(using: &generator) {
            let length = Int.random(in: 0..<400, using: &generator)
            let isText = Bool.random(using: &generator)
            value = (0..<length).map { _ in UInt8.random(in: isText ? 0x20...0x7E : 0...255, using: &generator) }
        }
        var record = KVRecord(key: key, value: value)
        if Bool.random(using: &generator), let text = edgeMetadata.randomElement(using: &generator) {
            record.metadata = try? KVMetadata(json: text)
        }
        if Bool.random(using: &generator) {
            record.expiration = UnixTime(seconds: .random(in: 1...4_000_000_000, using: &generator))
        }
        return record
    }
}
