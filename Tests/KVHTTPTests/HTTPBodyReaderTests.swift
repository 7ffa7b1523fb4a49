import KVHTTP
import Testing

@Suite struct HTTPBodyReaderTests {
    /// Reads with buffers whose sizes are asked for one after the other.
    private func read(_ reader: inout HTTPBodyReader, _ nextSize: () -> Int) -> [UInt8] {
        var bytes: [UInt8] = []
        while true {
            let size = nextSize()
            var count = 0
            // More than is asked for, so that a write beyond the end would show.
            var buffer = [UInt8](repeating: 0xEE, count: size + 8)
            buffer.withUnsafeMutableBytes { count = reader.read(into: .init(rebasing: $0[..<size])) }
            #expect(count <= size)
            #expect(buffer[count...].allSatisfy { $0 == 0xEE })
            if count == 0 { return bytes }
            // Only the end of the body leaves room in a buffer.
            bytes += buffer[..<count]
        }
    }

    private func joined(_ body: HTTPBody) -> [UInt8] {
        switch body {
        case .bytes(let bytes): bytes
        case .array(let texts): [0x5B] + texts.joined(separator: [0x2C]) + [0x5D]
        }
    }

    @Test(
        arguments: [
            .bytes([]), .bytes([1]), .array([]), .array([[]]), .array([[], []]), .array([[1]]),
            .array([[], [1, 2], []]),
        ] as [HTTPBody])
    func `small bodies are read with buffers of all sizes, and counted`(body: HTTPBody) {
        for size in 1...12 {
            var reader = HTTPBodyReader(body)

            #expect(read(&reader) { size } == joined(body))
            #expect(body.count == joined(body).count)
            // The end stays the end.
            #expect(read(&reader) { size }.isEmpty)
        }
    }

    @Test(arguments: 1...30) func `random parts are read with random buffers, from the start after each rewinding`(
        seed: Int
    ) {
        var state = UInt64(seed)
        func random(_ limit: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % limit
        }
        let texts = (0..<random(40)).map { _ in
            (0..<random(random(4) == 0 ? 3_000 : 20)).map { _ in UInt8(random(256)) }
        }
        for body in [HTTPBody.array(texts), .bytes(Array(texts.joined()))] {
            let expected = joined(body)
            #expect(body.count == expected.count)
            var reader = HTTPBodyReader(body)
            for _ in 0..<3 {
                // Only a part of it, then all of it.
                var piece = [UInt8](repeating: 0, count: random(expected.count + 10))
                let count = piece.withUnsafeMutableBytes { reader.read(into: $0) }
                #expect(count == min(piece.count, expected.count))
                #expect(piece.prefix(count) == expected.prefix(count))
                reader.rewind()
                let limit = 1 + random(500)
                #expect(read(&reader) { 1 + random(limit) } == expected)
                reader.rewind()
            }
        }
    }

    @Test func `a buffer without room takes nothing and loses nothing`() {
        var reader = HTTPBodyReader(.array([[1], [2]]))

        #expect(reader.read(into: UnsafeMutableRawBufferPointer(start: nil, count: 0)) == 0)
        #expect(read(&reader) { 3 } == [0x5B, 1, 0x2C, 2, 0x5D])
    }
}
