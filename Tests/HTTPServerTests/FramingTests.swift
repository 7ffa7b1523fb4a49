import HTTPServer
import Testing

@Suite struct FramingTests {
    @Test(arguments: [
        "Host: a\r\nContent-Length: 1\r\nContent-Length: 2", "Host: a\r\nContent-Length: 1\r\nContent-Length: 1",
        "Host: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked",
        "Host: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 5", "Host: a\r\nTransfer-Encoding: gzip, chunked",
        "Host: a\r\nTransfer-Encoding: identity", "Host: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
        "Host: a\r\nTransfer-Encoding: chunked, chunked", "Host: a\r\nTransfer-Encoding:", "Host: a\r\nContent-Length:",
        "Host: a\r\nHost: a", "Host: a\r\nHost: b", "Accept: a", "Host: a\r\nX: a\u{1}b", "Host: a\r\nX: a\u{7F}b",
        "Host: a\r\nX Y: 1", "Host: a\r\nX@: 1",
    ])
    func `a head of which two readers could think differently is refused with 400, and its connection closed`(
        fields: String
    ) async throws {
        let admissions = Admissions()
        try await withEcho(admissions: admissions) { server async throws in
            let client = try RawClient(port: server.port)
            try await client.send("POST / HTTP/1.1\r\n\(fields)\r\n\r\n5\r\nhello\r\n0\r\n\r\n")
            let answer = try #require(try await client.receive())
            #expect(answer.status == 400)
            #expect(answer.closes)
            #expect(admissions.all.isEmpty)
        }
    }

    @Test(arguments: ["x", "-1", "1 2", "0x1", "99999999999999999999", "1,1"])
    func `a length that is none is refused with 400`(length: String) async throws {
        let admissions = Admissions()
        try await withEcho(admissions: admissions) { server async throws in
            let answer = try await server.answer("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: \(length)\r\n\r\na")
            // A number that is too large for the library may be called so.
            #expect([400, 413].contains(answer?.status))
            #expect(admissions.all.isEmpty)
        }
    }

    @Test func `a coding is no matter of capitals`() async throws {
        try await withEcho { server async throws in
            let answer = try await server.answer(
                request("POST", "/", "Transfer-Encoding: Chunked") + "5\r\nhello\r\n0\r\n\r\n")
            #expect(answer?.text == "hello")
        }
    }

    @Test func `an old client needs no host, and may send no chunks`() async throws {
        try await withEcho { server async throws in
            #expect(try await server.answer("GET / HTTP/1.0\r\n\r\n")?.status == 200)
            let chunks = "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
            #expect(try await server.answer(chunks)?.status == 400)
        }
    }

    @Test(arguments: ["HTTP/2.0", "HTTP/0.9", "HTTP/1", "http/1.1", "HTTP/1.1x", ""])
    func `another protocol is not answered as if it were this one`(version: String) async throws {
        let admissions = Admissions()
        try await withEcho(admissions: admissions) { server async throws in
            let answer = try await server.answer("GET / \(version)\r\nHost: a\r\n\r\n")
            #expect(answer == nil || [400, 505].contains(answer?.status))
            #expect(admissions.all.isEmpty)
        }
    }

    @Test func `fields come in their order, with names in lower case and values as they are`() async throws {
        let admissions = Admissions()
        try await withEcho(admissions: admissions) { server async throws in
            _ = try await server.answer(request("GET", "/", "X-B: One Two", "x-a: \"3\"", "X-b: four"))
        }
        let fields = try #require(admissions.all.first?.fields)
        #expect(fields.map(\.name) == ["host", "x-b", "x-a", "x-b"])
        #expect(fields.map(\.value) == ["test", "One Two", "\"3\"", "four"])
    }
}
