import HTTPServer
import Testing

@Suite struct NonsenseTests {
    /// Random numbers that come again with their seed (SplitMix64).
    private struct Numbers: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var number = state
            number = (number ^ (number >> 30)) &* 0xBF58_476D_1CE4_E5B9
            number = (number ^ (number >> 27)) &* 0x94D0_49BB_1331_11EB
            return number ^ (number >> 31)
        }
    }

    private static let requests = [
        request("GET", "/?a=b&c=d"), request("PUT", "/", body: "hello"), request("HEAD", "/", "Connection: keep-alive"),
        request("PUT", "/", "Transfer-Encoding: chunked") + "5\r\nhello\r\n3;x=y\r\nabc\r\n0\r\nA: b\r\n\r\n",
        request("PUT", "/", "Expect: 100-continue", body: "hello"), "GET / HTTP/1.0\r\n\r\n",
    ]

    private static let parts: [[UInt8]] = [
        [], [0], [0x20], Array("\r\n".utf8), [0x0A], [0x0D], Array(":".utf8), Array("HTTP/1.1".utf8), [0xFF],
        Array("&".utf8),
        Array("Content-Length: 99999999\r\n".utf8), Array("Transfer-Encoding: chunked\r\n".utf8), Array("?".utf8),
        Array("ffffffffffffffff\r\n".utf8), [UInt8](repeating: 0x61, count: 5_000),
    ]

    /// Some requests in which bytes were changed, doubled, left out and put in.
    private func nonsense(_ numbers: inout Numbers) -> [UInt8] {
        var bytes = (0...2).flatMap { _ in Array((Self.requests.randomElement(using: &numbers) ?? "").utf8) }
        for _ in 0...Int.random(in: 0...6, using: &numbers) {
            let start = Int.random(in: 0...bytes.count, using: &numbers)
            let end = min(bytes.count, start + Int.random(in: 0...8, using: &numbers))
            bytes.replaceSubrange(start..<end, with: Self.parts.randomElement(using: &numbers) ?? [])
        }
        return bytes
    }

    @Test func `whatever comes, the server goes on, and nothing of it stays in flight`() async throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var numbers = Numbers(state: seed)
        try await withEcho { server async throws in
            for _ in 1...1_000 {
                let client = try RawClient(port: server.port)
                try? await client.send(nonsense(&numbers))
                client.finishSending()
                // Ends with the connection, or with an answer that is none because of HEAD.
                while let answer = try? await client.receive(), answer.status < 600 {}
            }
            await server.becomesIdle()
            #expect(try await server.answer(request("GET", "/"))?.status == 200, "seed \(seed)")
        }
    }
}
