import JSONText
import KVTestSupport
import Testing

@Suite struct UTF8TextTests {
    /// For each text, where Python's strict decoder finds the first fault, or -1.
    private func pythonFaults(_ texts: [[UInt8]]) async throws -> [Int] {
        let script = """
            import sys
            for line in sys.stdin:
                try:
                    bytes.fromhex(line).decode('utf-8')
                    print(-1)
                except UnicodeDecodeError as error:
                    print(error.start)
            """
        let output = try await CommandRunner.python(script, input: PythonJSON.hexLines(texts))
        return output.split(separator: 0x0A).compactMap { Int(String(decoding: $0, as: UTF8.self)) }
    }

    private func expectAgreement(_ texts: [[UInt8]]) async throws {
        let faults = try await pythonFaults(texts)
        try #require(faults.count == texts.count)
        #expect(faults.contains(-1) && faults.contains { $0 >= 0 })
        let disputed = zip(texts, faults).filter { text, fault in
            UTF8Text.isValid(text) != (fault < 0) || (UTF8Text.firstFault(in: text) ?? -1) != fault
                || UTF8Text.isValid(([0x41] + text)[1...]) != (fault < 0)
        }
        #expect(disputed.isEmpty, "\(disputed.prefix(5))")
    }

    @Test func `every sequence of one and of two bytes is judged as Python judges it`() async throws {
        let bytes = (UInt8(0)...255).map(\.self)
        try await expectAgreement(bytes.map { [$0] } + bytes.flatMap { first in bytes.map { [first, $0] } })
    }

    @Test func `sequences of three and four bytes are judged as Python judges them at every edge`() async throws {
        let edges: [UInt8] = [
            0x00, 0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC2, 0xE0, 0xED, 0xEF, 0xF0, 0xF4, 0xFF,
        ]
        let leads: [UInt8] = [
            0x41, 0xC1, 0xC2, 0xDF, 0xE0, 0xE1, 0xEC, 0xED, 0xEE, 0xEF, 0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xF8, 0xFC, 0xFE,
        ]
        let three = leads.flatMap { lead in edges.flatMap { second in edges.map { [lead, second, $0] } } }
        try await expectAgreement(three + three.flatMap { text in edges.map { text + [$0] } })
    }

    @Test(arguments: Seed.several(3)) func `damaged text is judged as Python judges it`(seed: Seed) async throws {
        var edges = EdgeRecords(seed: seed.value)
        let texts = (0..<5000).map { _ in
            Mutation.mutated(
                Array(edges.text(upTo: 100).utf8), times: Int.random(in: 0...2, using: &edges.generator),
                &edges.generator)
        }
        try await expectAgreement(texts)
    }

    @Test func `the edge values are text or not as they say`() {
        for text in EdgeRecords.textValues { #expect(UTF8Text.isValid(Array(text.utf8))) }
        for bytes in EdgeRecords.invalidUTF8 { #expect(!UTF8Text.isValid(bytes), "\(bytes)") }
        #expect(UTF8Text.isValid([] as [UInt8]))
    }
}
