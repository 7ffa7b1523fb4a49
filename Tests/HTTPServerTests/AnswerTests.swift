import HTTPServer
import Synchronization
import Testing

@Suite struct AnswerTests {
    private static func answer(_ name: String, _ value: String) -> Response {
        Response(status: 200, fields: [(name, value)])
    }

    @Test func `an answer to HEAD has the length of its body and no body`() async throws {
        try await withResponder { _ in
            Response(status: 200, body: Array("hello".utf8))
        } _: { server async throws in
            let client = try RawClient(port: server.port)
            for _ in 1...2 {
                try await client.send(request("HEAD", "/"))
                let answer = try #require(try await client.receive(isBodiless: true))
                #expect(answer.status == 200)
                #expect(answer["content-length"] == "5")
            }
            // Had a body come, this would not be an answer.
            try await client.send(request("GET", "/"))
            #expect(try await client.receive()?.text == "hello")
        }
    }

    @Test(arguments: [0, 1, 131_071, 131_072, 131_073, 10_000_000])
    func `an answer comes whole, however long it is`(count: Int) async throws {
        let body = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        try await withResponder { _ in
            Response(status: 200, body: body)
        } _: { server async throws in
            let client = try RawClient(port: server.port)
            for method in ["GET", "HEAD", "GET"] {
                try await client.send(request(method, "/"))
                let answer = try await client.receive(isBodiless: method == "HEAD")
                #expect(answer?["content-length"] == "\(count)")
                if method == "GET" { #expect(answer?.body == body) }
            }
        }
    }

    @Test(arguments: [
        Response(status: 200, fields: [("X-A", "secret\r\nX-B: 1")], body: [1]), answer("X-A", "secret\n"),
        answer("X-A", "secret\rx"), answer("X-A", "secret\0x"), answer("X-A", "secret\u{7F}"), answer("X A", "secret"),
        answer("X-A\r\nX-B", "secret"), answer("", "secret"), answer("X\0Y", "secret"), answer("X:", "secret"),
        answer("Content-Length", "7"), answer("transfer-encoding", "x"), Response(status: 99), Response(status: 100),
        Response(status: 1_000), Response(status: -1),
    ])
    func `an answer that would be cut or split is not sent, but 500, and the log says why`(
        response: Response
    ) async throws {
        let log = Lines()
        try await withResponder(options { $0.log = log.add }) { head in
            head.target == "/bad" ? response : Response(status: 200)
        } _: { server async throws in
            let client = try RawClient(port: server.port)
            try await client.send(request("GET", "/bad"))
            let answer = try #require(try await client.receive())
            #expect(answer.status == 500)
            #expect(answer["content-length"] == "0")
            #expect(answer["x-a"] == nil)
            // Nothing of the bad answer is left on the connection.
            try await client.send(request("GET", "/good"))
            #expect(try await client.receive()?.status == 200)
        }
        #expect(log.all.count == 1)
        #expect(log.all.first?.hasPrefix("an answer was not sent, but 500 instead: ") == true)
        #expect(log.all.first?.contains("secret") == false)
    }

    @Test func `fields without a value are left out, and others come as they are`() async throws {
        let log = Lines()
        try await withResponder(options { $0.log = log.add }) { _ in
            Response(status: 201, fields: [("X-Empty", ""), ("X-A", "a \t\"b\" ü"), ("X-C", "d")], body: [0x61])
        } _: { server async throws in
            let answer = try #require(try await server.answer(request("GET", "/")))
            #expect(answer.status == 201)
            #expect(answer["x-empty"] == nil)
            #expect(answer["x-a"] == "a \t\"b\" ü")
            #expect(answer["x-c"] == "d")
            #expect(answer["date"]?.hasSuffix("GMT") == true)
            #expect(answer.text == "a")
        }
        #expect(log.all.isEmpty)
    }
}
