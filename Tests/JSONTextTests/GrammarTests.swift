import JSONText
import KVTestSupport
import Testing

/// What is JSON and what is not, by our own table, by exhaustion, and by the verdict of others.
@Suite struct GrammarTests {
    @Test(arguments: JSONDocuments.all) func `what RFC 8259 allows is read and nothing else`(documents: JSONDocuments) {
        #expect(!documents.valid.isEmpty && !documents.invalid.isEmpty)
        for text in documents.valid {
            #expect(readerAccepts(text), "\(documents.area): \(shown(text))")
            #expect(walkAccepts(text) == true, "\(documents.area), value by value: \(shown(text))")
        }
        for text in documents.invalid {
            #expect(!readerAccepts(text), "\(documents.area): \(shown(text))")
            #expect(walkAccepts(text) == false, "\(documents.area), value by value: \(shown(text))")
        }
    }

    @Test(arguments: JSONDocuments.all) func `Python agrees with the table`(documents: JSONDocuments) async throws {
        let texts = documents.valid + documents.invalid
        let expected = documents.valid.map { _ in true } + documents.invalid.map { _ in false }
        let verdicts = try await PythonJSON.verdicts(texts)
        try #require(verdicts.count == texts.count)
        for (index, text) in texts.enumerated() {
            #expect(verdicts[index] == expected[index], "\(documents.area): \(shown(text))")
        }
    }

    /// jq 1.6 takes `NaN`, `01`, `.5`, bare controls and broken UTF-8, and refuses half a surrogate pair; about structure
    /// and all else that is valid it is strict.
    @Test func `jq agrees with the table where it is strict`() async throws {
        let valid = JSONDocuments.all.filter { !["depth", "surrogates"].contains($0.area) }.flatMap(\.valid)
        let invalid = JSONDocuments.structure.invalid.filter { !$0.isEmpty }
        let texts = (valid + invalid).filter { !$0.contains(0x0A) }
        let script = "try (fromjson | 1) catch 0"
        let output = try await CommandRunner.output(
            of: "jq", ["-R", script], input: texts.flatMap { $0 + [0x0A] })
        let verdicts = output.filter { $0 != 0x0A }.map { $0 == 0x31 }
        try #require(verdicts.count == texts.count)
        for (text, verdict) in zip(texts, verdicts) { #expect(readerAccepts(text) == verdict, "\(shown(text))") }
    }

    @Test(arguments: [
        ("structure", "[]{},:\"1 ", 5), ("numbers", "01-+.eE", 6), ("escapes", "\"\\un0d", 6),
    ])
    func `every short text gets the verdict Python gives it`(area: String, alphabet: String, length: Int) async throws {
        let letters = Array(alphabet.utf8)
        var texts: [[UInt8]] = [[]]
        var longest = texts
        for _ in 0..<length {
            longest = longest.flatMap { text in letters.map { text + [$0] } }
            texts += longest
        }
        let verdicts = try await PythonJSON.verdicts(texts)
        try #require(verdicts.count == texts.count)
        #expect(verdicts.contains(true) && verdicts.contains(false))
        let disputed = zip(texts, verdicts).filter { readerAccepts($0) != $1 || walkAccepts($0) == !$1 }
        #expect(disputed.isEmpty, "\(area): \(disputed.prefix(5).map { shown($0.0) })")
    }

    @Test(arguments: Seed.several(4)) func `damaged documents get the verdict Python gives them`(seed: Seed)
        async throws
    {
        var edges = EdgeRecords(seed: seed.value)
        let texts = (0..<5000).map { _ in
            Mutation.mutated(
                Array(edges.json(depth: 4).utf8), times: Int.random(in: 0...3, using: &edges.generator),
                &edges.generator)
        }
        let verdicts = try await PythonJSON.verdicts(texts)
        try #require(verdicts.count == texts.count)
        #expect(verdicts.contains(true) && verdicts.contains(false))
        for (text, verdict) in zip(texts, verdicts) {
            #expect(readerAccepts(text) == verdict, "\(hex(text))")
            #expect(walkAccepts(text) != !verdict, "\(hex(text))")
        }
    }
}

/// Damage of the kind that transport and editors do.
enum Mutation {
    static func mutated(_ bytes: [UInt8], times: Int, _ generator: inout SeededGenerator) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<times {
            let index = Int.random(in: 0...bytes.count, using: &generator)
            let byte =
                generator.chance(0.5)
                ? generator.pick(Array("[]{},:\"\\ 0e-.u\n".utf8)) : UInt8.random(in: 0...255, using: &generator)
            switch Int.random(in: 0..<5, using: &generator) {
            case 0 where index < bytes.count: bytes[index] = byte
            case 1 where index < bytes.count: bytes.remove(at: index)
            case 2 where index < bytes.count: bytes[index] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
            case 3: bytes.removeSubrange(index...)
            default: bytes.insert(byte, at: index)
            }
        }
        return bytes
    }
}
