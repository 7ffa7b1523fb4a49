import HTTPServer
import Testing

@Suite struct ContinueTests {
    @Test func `a client that asks is told to send its body`() async throws {
        try await withEcho { server async throws in
            let client = try RawClient(port: server.port)
            for _ in 1...2 {
                try await client.send(request("PUT", "/", "Expect: 100-Continue", "Content-Length: 5"))
                #expect(try await client.receive()?.status == 100)
                try await client.send("hello")
                #expect(try await client.receive()?.text == "hello")
            }
        }
    }

    @Test func `a client that does not wait for its word is answered too`() async throws {
        try await withEcho { server async throws in
            let client = try RawClient(port: server.port)
            try await client.send(request("PUT", "/", "Expect: 100-continue", body: "hello"))
            var answer = try await client.receive()
            // The word may be left out when the body is there already.
            if answer?.status == 100 { answer = try await client.receive() }
            #expect(answer?.text == "hello")
        }
    }

    @Test(arguments: ["Content-Length: 5", "Transfer-Encoding: chunked"])
    func `who asks and is refused is not told to send its body`(field: String) async throws {
        try await withEcho(bodyLimit: nil) { server async throws in
            let client = try RawClient(port: server.port)
            try await client.send(request("PUT", "/", "Expect: 100-continue", field))
            let answer = try #require(try await client.receive())
            #expect(answer.status == 403)
            #expect(answer["x-received"] == "0")
            #expect(answer.closes)
            #expect(try await client.ends())
        }
    }

    @Test func `who asks with a body over the limit is not told to send it`() async throws {
        try await withEcho(bodyLimit: 4) { server async throws in
            let client = try RawClient(port: server.port)
            try await client.send(request("PUT", "/", "Expect: 100-continue", "Content-Length: 5"))
            let answer = try #require(try await client.receive())
            #expect(answer.status == 413)
            #expect(answer.closes)
            #expect(try await client.ends())
        }
    }

    @Test func `who asks with chunks that turn out to be over the limit is answered after them`() async throws {
        try await withEcho(bodyLimit: 4) { server async throws in
            let client = try RawClient(port: server.port)
            try await client.send(request("PUT", "/", "Expect: 100-continue", "Transfer-Encoding: chunked"))
            #expect(try await client.receive()?.status == 100)
            try await client.send("5\r\nhello\r\n0\r\n\r\n")
            #expect(try await client.receive()?.status == 413)
        }
    }

    @Test func `an old client is told nothing in between`() async throws {
        try await withEcho { server async throws in
            let text = "PUT / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\nhello"
            #expect(try await server.answer(text)?.text == "hello")
        }
    }
}
