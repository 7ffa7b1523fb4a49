import HTTPServer
import Testing

@Suite struct TargetTests {
    @Test(arguments: [
        "/", "*", "/a/../b/./c", "/..", "//a//b/", "/%2F%2f..%2E", "/%00%GG%", "/a+b?c+d=e+f&g", "/?", "/??a?b=c?",
        "/a?b&&&=", "/a;b=c,d:@!$'()~", "/\"<>[]{}|\\^`", "/a#b", "http://elsewhere/a",
    ])
    func `a target comes as it was sent`(target: String) async throws {
        try await withEcho { server async throws in
            #expect(try await server.answer(request("GET", target))?["x-target"] == target)
        }
    }

    @Test func `a query of thousands of parameters comes whole, and the connection goes on`() async throws {
        try await withEcho { server async throws in
            let client = try RawClient(port: server.port)
            for (part, count) in [("&", 10_000), ("a=b&", 3_000)] {
                let target = "/?" + String(repeating: part, count: count)
                try await client.send(request("GET", target))
                #expect(try await client.receive()?["x-target"] == target)
            }
        }
    }

    @Test func `a head that is too long is refused, whatever of it is`() async throws {
        try await withEcho { server async throws in
            let much = String(repeating: "a", count: 40_000)
            for text in [request("GET", "/\(much)"), request("GET", "/?\(much)"), request("GET", "/", "X: \(much)")] {
                let answer = try #require(try await server.answer(text))
                #expect([400, 413, 414, 431].contains(answer.status))
                #expect(answer.closes)
            }
        }
    }

    @Test(arguments: [
        "GET /a\0b HTTP/1.1", "GET /\0 HTTP/1.1", "GET /a?b\0c HTTP/1.1", "GE\0T / HTTP/1.1", "GET\0 / HTTP/1.1",
        "GET / HTTP/1.1\0",
    ])
    func `a line with a NUL in it asks for nothing`(line: String) async throws {
        let admissions = Admissions()
        try await withEcho(admissions: admissions) { server async throws in
            let answer = try await server.answer("\(line)\r\nHost: a\r\n\r\n")
            #expect(answer == nil || [400, 505].contains(answer?.status))
            #expect(admissions.all.isEmpty)
        }
    }

    @Test(arguments: [
        "GET /a  HTTP/1.1", "GET  /a HTTP/1.1", "GET /a b HTTP/1.1", "GET /a HTTP/1.1 ", "GET /ä HTTP/1.1",
        "GET /\u{1} HTTP/1.1", "GET /\u{7F} HTTP/1.1", "GET  HTTP/1.1",
    ])
    func `a line of other than three words of visible ASCII is refused with 400`(line: String) async throws {
        let admissions = Admissions()
        try await withEcho(admissions: admissions) { server async throws in
            let answer = try await server.answer("\(line)\r\nHost: a\r\n\r\n")
            #expect(answer?.status == 400)
            #expect(answer?["location"] == nil)
            #expect(admissions.all.isEmpty)
        }
    }

    @Test func `any method is for the caller to judge`() async throws {
        try await withEcho { server async throws in
            for method in ["PATCH", "get", "X-OWN", "OPTIONS"] {
                #expect(try await server.answer(request(method, "/"))?["x-method"] == method)
            }
        }
    }
}
