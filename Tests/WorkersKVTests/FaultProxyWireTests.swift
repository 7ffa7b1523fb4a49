import KVTestSupport
import Testing

/// That the proxy passes on what it does not mean to spoil.
@Suite struct FaultProxyWireTests {
    @Test func `thirty megabytes pass unchanged in both directions`() async throws {
        var generator = SeededGenerator(seed: 30)
        let bytes = generator.bytes(30_000_000)
        try await ScriptedServer.withServer({ .http(200, $0.body, headers: ["x-call": "\($1)"]) }) { server in
            try await FaultProxy.withProxy(to: server.port, plan: .none) { proxy in
                let reply = try await CurlReply.send("PUT", APIPath.value + "?a=b&c", port: proxy.port, body: bytes)
                #expect(reply.status == 200)
                #expect(reply.body == bytes)
                let request = try #require(server.requests.first)
                #expect(request.method == "PUT")
                #expect(request.target == APIPath.value + "?a=b&c")
                #expect(request.headers["host"] == "127.0.0.1:\(proxy.port)")
                #expect(request.headers["expect"] == nil)
                #expect(request.body == bytes)
            }
        }
    }

    @Test func `a chunked request body arrives whole`() async throws {
        var generator = SeededGenerator(seed: 31)
        for size in [0, 1, 65536, 65537, 3_000_000] {
            let bytes = generator.bytes(size)
            try await ScriptedServer.withServer({ request, _ in .http(200, request.body) }) { server in
                try await FaultProxy.withProxy(to: server.port, plan: .none) { proxy in
                    let reply = try await CurlReply.send(
                        "PUT", APIPath.value, port: proxy.port, body: bytes,
                        options: ["-H", "transfer-encoding: chunked"])
                    #expect(reply.body == bytes)
                    #expect(server.requests.first?.headers["transfer-encoding"] == nil)
                }
            }
        }
    }

    @Test func `several requests share one connection on either side`() async throws {
        try await ScriptedServer.withServer({ request, _ in .http(200, request.target + ";") }) { server in
            try await FaultProxy.withProxy(to: server.port, plan: .none) { proxy in
                let reply = try await CurlReply.send("GET", "/a", "/b", "/c", port: proxy.port)
                #expect(reply.text == "/a;/b;/c;")
                #expect(reply.newConnections == 0)
                #expect(proxy.forwarded == 3)
            }
        }
    }

    @Test func `faults that have an answer keep the connection`() async throws {
        try await ScriptedServer.withServer({ request, _ in .http(200, request.target) }) { server in
            let plan = FaultPlan.scripted { _, index in [nil, .status500, nil, .status520, .status502HTMLAfter][index] }
            try await FaultProxy.withProxy(to: server.port, plan: plan) { proxy in
                let reply = try await CurlReply.send("GET", "/a", "/b", "/c", "/d", "/e", port: proxy.port)
                #expect(reply.newConnections == 0)
                #expect(reply.status == 502)
                #expect(server.requests.map(\.target) == ["/a", "/c", "/e"])
            }
        }
    }

    @Test func `answers arrive whole however they are framed`() async throws {
        let answers: [ScriptedServer.Answer] = [
            .bytes(Array("HTTP/1.1 204 No Content\r\nx-kind: none\r\n\r\n".utf8)),
            .bytes(
                Array(
                    """
                    HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\nx-kind: chunked\r\n\r\n4\r\nchun\r\n\
                    3;x=y\r\nked\r\n0\r\nx-trailer: z\r\n\r\n
                    """.utf8)),
            .bytes(Array("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nlength".utf8)),
            .bytesThenClose(Array("HTTP/1.1 404 Not Found\r\nx-kind: close\r\n\r\nuntil the close".utf8)),
            .http(200, ""),
        ]
        try await ScriptedServer.withServer({ answers[$1] }) { server in
            try await FaultProxy.withProxy(to: server.port, plan: .none) { proxy in
                let reply = try await CurlReply.send(
                    "GET", "/a", "/b", "/c", "/d", "/e", port: proxy.port, options: ["-i"])
                #expect(reply.exit == CurlReply.Exit.done)
                #expect(reply.newConnections == 0)
                #expect(
                    reply.text == """
                        HTTP/1.1 204 No Content\r\nx-kind: none\r\n\r\n\
                        HTTP/1.1 200 OK\r\nx-kind: chunked\r\ncontent-length: 7\r\n\r\nchunked\
                        HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nlength\
                        HTTP/1.1 404 Not Found\r\nx-kind: close\r\ncontent-length: 15\r\n\r\nuntil the close\
                        HTTP/1.1 200 Status\r\ncontent-type: application/json\r\ncontent-length: 0\r\n\r\n
                        """)
            }
        }
    }

    @Test func `a client that closes after its request gets its answer`() async throws {
        try await ScriptedServer.withServer({ _, _ in .http(200, "done") }) { server in
            try await FaultProxy.withProxy(to: server.port, plan: .none) { proxy in
                let reply = try await CurlReply.send(
                    "GET", "/a", "/b", port: proxy.port, options: ["-H", "connection: close"])
                #expect(reply.text == "donedone")
                #expect(reply.newConnections == 1)
            }
        }
    }

    @Test func `a server that breaks off is one that breaks off for the client`() async throws {
        let half = Array("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n01234".utf8)
        try await ScriptedServer.withServer({ $1 == 0 ? .bytesThenClose(half) : .http(200, "done") }) { server in
            try await FaultProxy.withProxy(to: server.port, plan: .none) { proxy in
                let first = try await CurlReply.send("GET", "/a", port: proxy.port)
                #expect(first.exit == CurlReply.Exit.emptyReply)
                let second = try await CurlReply.send("GET", "/a", port: proxy.port)
                #expect(second.text == "done")
            }
        }
    }
}
