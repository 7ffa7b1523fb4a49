import KVModel
import KVTestSupport
import Testing

@Suite struct Base64TextTests {
    /// What Python decodes each text to: bytes, or `nil` if the text is not the only spelling of them.
    private func pythonDecoded(_ texts: [[UInt8]]) async throws -> [[UInt8]?] {
        let script = """
            import base64, sys
            for line in sys.stdin:
                text = bytes.fromhex(line)
                try:
                    data = base64.b64decode(text, validate=True)
                    print(data.hex() if base64.b64encode(data) == text else 'no')
                except ValueError:
                    print('no')
            """
        let output = try await CommandRunner.python(script, input: Array(texts.map { hex($0) + "\n" }.joined().utf8))
        let lines = String(decoding: output, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
        return lines.dropLast().map { line in
            guard line != "no" else { return nil }
            let digits = Array(line.utf8)
            return stride(from: 0, to: digits.count, by: 2).compactMap {
                UInt8(String(decoding: digits[$0..<$0 + 2], as: UTF8.self), radix: 16)
            }
        }
    }

    private func expectAgreement(_ texts: [[UInt8]]) async throws {
        let answers = try await pythonDecoded(texts)
        try #require(answers.count == texts.count)
        #expect(answers.contains { $0 == nil } && answers.contains { $0 != nil })
        let disputed = zip(texts, answers).filter { Base64Text.decode($0) != $1 }
        #expect(disputed.isEmpty, "\(disputed.prefix(5).map { String(decoding: $0.0, as: UTF8.self) })")
    }

    @Test func `every short text is decoded as strictly as can be`() async throws {
        let letters = Array("A/Qg=-\n".utf8)
        var texts: [[UInt8]] = [[]]
        var longest = texts
        for _ in 0..<5 {
            longest = longest.flatMap { text in letters.map { text + [$0] } }
            texts += longest
        }
        let groups = texts.filter { $0.count == 4 }
        let firsts = groups.map { $0 + Array("AAAA".utf8) }
        let lasts = groups.map { Array("AAAA".utf8) + $0 }
        try await expectAgreement(texts + firsts + lasts)
    }

    @Test func `every last group is decoded only in its one spelling`() async throws {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        let two: [[UInt8]] = alphabet.flatMap { first in alphabet.map { [first, $0, 0x3D, 0x3D] } }
        let three: [[UInt8]] = alphabet.flatMap { second in alphabet.map { [0x71, second, $0, 0x3D] } }
        try await expectAgreement(two + three)
    }

    @Test func `no byte outside the alphabet is passed over`() {
        for byte in UInt8(0)...255 {
            let isLetter =
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                || byte == 0x2B || byte == 0x2F
            for index in 0..<8 {
                var text = Array("AAAAAAAA".utf8)
                text[index] = byte
                #expect(
                    (Base64Text.decode(text) != nil) == (isLetter || (byte == 0x3D && index == 7)),
                    "\(byte) at \(index)")
            }
        }
    }

    @Test(arguments: Seed.several(3)) func `bytes come back and Python writes the same text`(seed: Seed) async throws {
        var edges = EdgeRecords(seed: seed.value)
        let values = (0..<1000).map { _ in edges.value() }
        for value in values { #expect(Base64Text.decode(Base64Text.encode(value)) == value) }
        #expect(try await pythonDecoded(values.map(Base64Text.encode)) == values.map(Optional.some))
    }
}
