import JSONText
import KVModel
import KVTestSupport
import Testing

@Suite struct KVKeyTests {
    @Test(arguments: Seed.several(3)) func `keys are ordered as their bytes are, like Python's`(seed: Seed) async throws
    {
        var edges = EdgeRecords(seed: seed.value)
        let keys = (0..<3000).map { _ in edges.key() }.shuffled(using: &edges.generator)
        let sorting = "import sys\nfor key in sorted(bytes.fromhex(line) for line in sys.stdin): print(key.hex())"
        let input = keys.map { hex($0.utf8) + "\n" }.joined()
        let output = try await CommandRunner.python(sorting, input: Array(input.utf8))
        #expect(String(decoding: output, as: UTF8.self) == keys.sorted().map { hex($0.utf8) + "\n" }.joined())
    }

    @Test func `keys are equal only byte by byte`() {
        #expect(KVKey("\u{E9}") != KVKey("e\u{301}"))
        #expect(KVKey("\u{212A}") != KVKey("K"))
        #expect(Set([KVKey("\u{E9}"), KVKey("e\u{301}"), KVKey("\u{E9}")]).count == 2)
        #expect(KVKey("\u{FF5E}") < KVKey("\u{1F600}"))
        #expect(KVKey("e\u{301}") < KVKey("\u{E9}"))
        #expect(KVKey("a") < KVKey("a\u{0}"))
        #expect(KVKey("user:10") < KVKey("user:2"))
    }

    @Test func `a prefix is one of bytes`() {
        #expect(KVKey("user:1").hasPrefix("user:"))
        #expect(KVKey("user:1").hasPrefix(""))
        #expect(!KVKey("\u{E9}").hasPrefix("e"))
        #expect(!KVKey("a").hasPrefix("ab"))
        #expect(KVKey("e\u{301}").hasPrefix("e"))
    }

    @Test func `the keys that KV refuses have a reason, all others none`() {
        #expect(
            EdgeRecords.refusedKeys.map(\.problem) == [
                .empty, .dots, .dots, .tooLong(bytes: 513), .tooLong(bytes: 513),
            ])
        #expect(EdgeRecords.keys.allSatisfy { $0.problem == nil })
        #expect(EdgeRecords.longKeys.contains { $0.utf8.count == KVLimits.keyBytes })
        for problem in EdgeRecords.refusedKeys.compactMap(\.problem) { #expect(!problem.description.isEmpty) }
    }

    @Test func `bytes that are not UTF-8 are no key`() {
        for bytes in EdgeRecords.invalidUTF8 { #expect(KVKey(utf8: bytes) == nil) }
        for key in EdgeRecords.keys {
            #expect(KVKey(utf8: key.utf8) == key)
            #expect(Array(key.string.utf8) == key.utf8)
        }
    }

    @Test(arguments: Seed.several(3)) func `a printed key is JSON of the key and shows all it holds`(seed: Seed) throws
    {
        var edges = EdgeRecords(seed: seed.value)
        for key in EdgeRecords.keys + (0..<2000).map({ _ in edges.key() }) {
            let description = key.description
            var reader = try JSONReader(Array(description.utf8))
            #expect(try reader.readString() == key.utf8, "\(hex(key.utf8))")
            try reader.finish()
            for scalar in description.unicodeScalars {
                let isHidden = Self.hidden.contains { $0.contains(scalar.value) }
                #expect(!isHidden, "U+\(String(scalar.value, radix: 16)) in \(hex(key.utf8))")
            }
        }
    }

    /// Controls, DEL, C1, soft hyphen, zero width, direction marks, embeddings and isolates, separators, mark, tags.
    private static let hidden: [ClosedRange<UInt32>] = [
        0...0x1F, 0x7F...0x9F, 0xAD...0xAD, 0x61C...0x61C, 0x200B...0x200F, 0x2028...0x202E, 0x2060...0x2064,
        0x2066...0x206F, 0xFEFF...0xFEFF,
        0xFFF9...0xFFFB, 0xE0001...0xE0001, 0xE0020...0xE007F,
    ]

    @Test(arguments: [
        ("a b", "\"a b\""), ("é😀", "\"é😀\""), ("\u{1B}[31m", "\"\\u001b[31m\""), ("\u{9B}", "\"\\u009b\""),
        ("\u{7F}", "\"\\u007f\""),
        ("\u{202E}x", "\"\\u202ex\""), ("\u{E0001}", "\"\\udb40\\udc01\""), ("a\n\"", "\"a\\n\\\"\""),
        ("\u{FEFF}", "\"\\ufeff\""),
    ])
    func `a printed key looks like this`(key: String, expected: String) {
        #expect(Array(KVKey(key).description.utf8) == Array(expected.utf8))
    }

    @Test func `what is longer than any key or title is cut in messages`() {
        let title = String(repeating: "\u{1F680}", count: 512)
        #expect(KVKey(title).description == "\"\(title)\"")
        let long = KVKey(String(repeating: "é", count: 12_500_000)).description
        #expect(long.count < 100)
        #expect(long.hasPrefix("\"ééé") && long.hasSuffix("é\"… (25000000 bytes)"))
    }
}
