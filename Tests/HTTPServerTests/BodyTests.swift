import HTTPServer
import Synchronization
import Testing

@Suite struct BodyTests {
    @Test(arguments: [0, 1, 4_096, 70_000, 1 << 20])
    func `a body comes whole`(count: Int) async throws {
        let body = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        try await withEcho { server async throws in
            let client = try RawClient(port: server.port)
            try await client.send(Array(request("PUT", "/", "Content-Length: \(count)").utf8) + body)
            let answer = try await client.receive()
            #expect(answer?.status == 200)
            #expect(answer?.body == body)
        }
    }

    @Test func `a body in chunks comes whole, byte by byte too`() async throws {
        let chunks = "1\r\na\r\n0005\r\nbcdef\r\nA\r\n0123456789\r\n0\r\nTrailer: x\r\n\r\n"
        let text = request("PUT", "/", "Transfer-Encoding: chunked") + chunks
        try await withEcho { server async throws in
            let client = try RawClient(port: server.port)
            try await client.send(text)
            #expect(try await client.receive()?.text == "abcdef0123456789")
            for byte in text.utf8 { try await client.send([byte]) }
            #expect(try await client.receive()?.text == "abcdef0123456789")
            try await client.send(request("PUT", "/", "Transfer-Encoding: chunked") + "0\r\n\r\n")
            #expect(try await client.receive()?["x-received"] == "0")
        }
    }

    @Test func `an extension of a chunk is passed over or refused, never taken for body`() async throws {
        try await withEcho { server async throws in
            let head = request("PUT", "/", "Transfer-Encoding: chunked")
            let answer = try await server.answer(head + "5;name=value\r\nhello\r\n0\r\n\r\n")
            // The library's version 1.0.1 stumbles over extensions.
            #expect(answer?.text == "hello" || answer?.status == 400)
        }
    }

    @Test func `a chunk that is none is refused`() async throws {
        try await withEcho { server async throws in
            let head = request("PUT", "/", "Transfer-Encoding: chunked")
            for chunk in ["x\r\na\r\n", "-1\r\na\r\n", "1\r\nab\r\n0\r\n\r\n"] {
                #expect(try await server.answer(head + chunk)?.status == 400)
            }
        }
    }

    @Test(arguments: [
        ("Content-Length: 10", "0123"), ("Content-Length: 10", ""), ("Transfer-Encoding: chunked", "4\r\n0123\r\n"),
        ("Transfer-Encoding: chunked", "9\r\n0123"), ("Transfer-Encoding: chunked", "4\r\n0123\r\n0\r\n"),
    ])
    func `a body that breaks off is no shorter body`(field: String, part: String) async throws {
        let answered = Mutex(0)
        try await withHTTPServer(ServerOptions()) { _ in
            .take(bodyUpTo: 100) { _ in
                answered.withLock { $0 += 1 }
                return Response(status: 200)
            }
        } _: { server async throws in
            let client = try RawClient(port: server.port)
            try await client.send(request("PUT", "/", field) + part)
            client.finishSending()
            #expect(try await client.receive()?.status != 200)
            await server.becomesIdle()
        }
        #expect(answered.withLock { $0 } == 0)
    }

    @Test(arguments: ["Content-Length: 11", "Transfer-Encoding: chunked"])
    func `a body over the limit is read and not kept, and the connection goes on`(field: String) async throws {
        let body = field.contains("chunked") ? "6\r\nsecret\r\n5\r\nvalue\r\n0\r\n\r\n" : "secretvalue"
        try await withEcho(bodyLimit: 10) { server async throws in
            let client = try RawClient(port: server.port)
            try await client.send(request("PUT", "/", field) + body)
            let answer = try #require(try await client.receive())
            #expect(answer.status == 413)
            #expect(answer["x-received"] == "11")
            #expect(answer.body.isEmpty)
            #expect(!answer.closes)
            try await client.send(request("PUT", "/", body: "0123456789"))
            #expect(try await client.receive()?.text == "0123456789")
        }
    }

    @Test func `a refused body is read before the refusal, and the connection goes on`() async throws {
        let admissions = Admissions()
        try await withEcho(bodyLimit: nil, admissions: admissions) { server async throws in
            let client = try RawClient(port: server.port)
            for _ in 1...2 {
                try await client.send(request("PUT", "/", body: String(repeating: "a", count: 300_000)))
                let answer = try #require(try await client.receive())
                #expect(answer.status == 403)
                #expect(answer["x-received"] == "300000")
                #expect(!answer.closes)
            }
        }
        #expect(admissions.all.count == 2)
    }

    @Test func `a body that is announced to be huge is answered at once, and the connection closed`() async throws {
        try await withEcho { server async throws in
            let client = try RawClient(port: server.port)
            try await client.send(request("PUT", "/", "Content-Length: \(RequestPlan.discardLimit + 1)"))
            let answer = try #require(try await client.receive())
            #expect(answer.status == 413)
            #expect(answer.closes)
            #expect(try await client.ends())
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `a body in chunks that turns out to be huge is cut off`() async throws {
        let chunk = Array("100000\r\n".utf8) + [UInt8](repeating: 0x61, count: 1 << 20) + Array("\r\n".utf8)
        try await withEcho { server async throws in
            let client = try RawClient(port: server.port)
            try await client.send(request("PUT", "/", "Transfer-Encoding: chunked"))
            var sent = 0
            while sent < 2 * RequestPlan.discardLimit, (try? await client.send(chunk)) != nil { sent += 1 << 20 }
            // What the system keeps on the way comes on top.
            #expect(sent >= RequestPlan.discardLimit)
            #expect(sent < 2 * RequestPlan.discardLimit)
            #expect((try? await client.receive()) == nil)
            await server.becomesIdle()
        }
    }
}
