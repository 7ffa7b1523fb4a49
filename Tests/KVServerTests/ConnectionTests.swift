import KVServer
import Testing

/// What RFC 9110 and RFC 9112 want of every answer and every connection, for clients that pool them.
@Suite struct ConnectionTests {
    private static func request(_ version: String, _ headers: [String], _ remote: Remote) -> [UInt8] {
        let lines =
            ["GET \(remote.namespaces) HTTP/\(version)", "Authorization: Bearer \(remote.running.token)"] + headers
        return Array((lines + ["", ""]).joined(separator: "\r\n").utf8)
    }

    @Test func `a pool loses none of 3,000 requests of which half ask for the end of their connection`() async throws {
        try await withRemote { remote async throws in
            var connection = try RawConnection(port: remote.running.port)
            var opened = 1
            for number in 0..<3_000 {
                let headers = ["Host: test"] + (number % 2 == 0 ? ["Connection: close"] : [])
                try await connection.send(Self.request("1.1", headers, remote))
                let reply = try #require(try await connection.receive(), "request \(number)")
                #expect(reply.status == 200)
                #expect(reply.headers["connection"] == (number % 2 == 0 ? "close" : nil))
                // A pool takes the answer's word for whether the connection can be used again.
                if reply.headers["connection"] == "close" {
                    #expect(try await connection.receive() == nil)
                    connection = try RawConnection(port: remote.running.port)
                    opened += 1
                }
            }
            #expect(opened == 1_501)
            #expect(remote.running.requestCounts[.namespacesList] == 3_000)
        }
    }

    @Test(
        arguments: [
            ("1.1", ["Host: a"], nil), ("1.1", ["Host: a", "Connection: keep-alive"], nil),
            ("1.1", ["Host: a", "Connection: close"], "close"), ("1.1", ["Host: a", "connection: x, Close"], "close"),
            ("1.0", [], "close"), ("1.0", ["Host: a"], "close"), ("1.0", ["Connection: Keep-Alive"], "keep-alive"),
            ("1.0", ["Host: a", "Connection: keep-alive"], "keep-alive"),
            ("1.0", ["Connection: keep-alive, close"], "close"),
        ] as [(String, [String], String?)])
    func `a connection is kept or closed as the answer says`(
        version: String, headers: [String], said: String?
    ) async throws {
        try await withRemote { remote async throws in
            let connection = try RawConnection(port: remote.running.port)
            try await connection.send(Self.request(version, headers, remote))
            let reply = try #require(try await connection.receive())
            #expect(reply.status == 200)
            #expect(reply.headers["connection"]?.lowercased() == said)
            if said != "close" { try await connection.send(Self.request(version, headers, remote)) }
            #expect((try await connection.receive() == nil) == (said == "close"))
        }
    }

    @Test func `every answer has a date, a refusal as well`() async throws {
        let format = /(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT/
        try await withRemote { remote async throws in
            for path in [remote.namespaces, "/nothing", "\(remote.namespaces)/x"] {
                let reply = try await remote.call("GET", path)
                #expect(reply.headers["date"]?.wholeMatch(of: format) != nil, "\(path)")
            }
            let stranger = try await remote.send("GET", remote.namespaces)
            #expect(stranger.headers["date"]?.wholeMatch(of: format) != nil)
        }
    }

    @Test(arguments: [
        ("1.1", [], 400), ("1.1", ["Host: a", "Host: b"], 400), ("1.1", ["Host: a"], 200), ("1.0", [], 200),
    ])
    func `a request of HTTP 1 point 1 names its host once`(
        version: String, headers: [String], status: Int
    ) async throws {
        try await withRemote { remote async throws in
            let connection = try RawConnection(port: remote.running.port)
            try await connection.send(Self.request(version, headers, remote))
            let reply = try #require(try await connection.receive())
            #expect(reply.status == status)
            #expect((reply.headers["connection"] == "close") == (version == "1.0" || status == 400))
        }
    }
}
