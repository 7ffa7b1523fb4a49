import HTTPServer
import Testing

@Suite struct ListeningTests {
    @Test func `an address that is taken is said to be`() async throws {
        try await withEcho { server async throws in
            await #expect {
                try await withEcho({ $0.port = server.port }) { _ in }
            } throws: {
                "\($0)" == "Address already in use" && $0 is ServerError
            }
        }
    }

    @Test func `a host that is none is said to be`() async {
        await #expect(throws: ServerError.self) { try await withEcho({ $0.host = "256.0.0.1.invalid" }) { _ in } }
        await #expect(throws: ServerError.self) { try await withEcho({ $0.host = "192.0.2.1" }) { _ in } }
    }

    @Test func `a port is free again when its server has stopped`() async throws {
        // Below those that systems hand out to whoever connects: other tests do that all the time.
        let port = Int.random(in: 15_000..<32_000)
        for _ in 1...3 {
            try await withEcho({ $0.port = port }) { server async throws in
                #expect(server.port == port)
                #expect(try await server.answer(request("GET", "/"))?.status == 200)
            }
        }
    }
}
