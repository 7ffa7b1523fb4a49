import HTTPServer
import Testing

@Suite struct ConnectionTests {
    @Test func `requests that come at once are answered one after the other`() async throws {
        try await withEcho { server async throws in
            let client = try RawClient(port: server.port)
            let texts = (1...20).map { request("PUT", "/\($0)", body: "body \($0)") }
            try await client.send(texts.joined())
            for number in 1...20 {
                let answer = try await client.receive()
                #expect(answer?["x-target"] == "/\(number)")
                #expect(answer?.text == "body \(number)")
            }
        }
    }

    @Test func `a connection is closed when the client wants it so`() async throws {
        try await withEcho { server async throws in
            let client = try RawClient(port: server.port)
            try await client.send(request("GET", "/", "Connection: close"))
            #expect(try await client.receive()?.closes == true)
            #expect(try await client.ends())
        }
    }

    @Test func `an old client's connection is closed unless it wants to keep it`() async throws {
        try await withEcho { server async throws in
            let client = try RawClient(port: server.port)
            for _ in 1...2 {
                try await client.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
                #expect(try await client.receive()?.status == 200)
            }
            try await client.send("GET / HTTP/1.0\r\n\r\n")
            #expect(try await client.receive()?.status == 200)
            #expect(try await client.ends())
        }
    }

    @Test func `a client that is gone while its answer is made leaves nothing behind`() async throws {
        let doorway = Doorway()
        try await withResponder { _ in
            await doorway.pass()
            return Response(status: 200, body: [UInt8](repeating: 0x61, count: 1_000_000))
        } _: { server async throws in
            for number in 1...40 {
                let client = try RawClient(port: server.port)
                if number % 2 == 0 { client.resetOnClose() }
                try await client.send(request("GET", "/"))
                await doorway.arrivals(number)
            }
            #expect(server.requestsInFlight == 40)
            doorway.open()
            await server.becomesIdle()
            #expect(try await server.answer(request("GET", "/"))?.status == 200)
        }
    }

    @Test func `a client that is gone in the middle of its answer leaves nothing behind`() async throws {
        try await withResponder { _ in
            Response(status: 200, body: [UInt8](repeating: 0x61, count: 50_000_000))
        } _: { server async throws in
            for _ in 1...10 {
                let client = try RawClient(port: server.port)
                client.resetOnClose()
                try await client.send(request("GET", "/"))
                // Some of it is there.
                #expect(try await !client.ends())
            }
            await server.becomesIdle()
        }
    }

    @Test func `a client that has finished sending gets its answer`() async throws {
        let doorway = Doorway()
        try await withResponder { _ in
            await doorway.pass()
            return Response(status: 200)
        } _: { server async throws in
            let client = try RawClient(port: server.port)
            try await client.send(request("GET", "/"))
            await doorway.arrivals(1)
            client.finishSending()
            doorway.open()
            let answer = try await client.receive()
            #expect(answer == nil || answer?.status == 200)
            await server.becomesIdle()
        }
    }

    @Test func `fast requests do not wait for heads that come slowly`() async throws {
        try await withEcho { server async throws in
            var slow: [RawClient] = []
            for _ in 1...500 {
                let client = try RawClient(port: server.port)
                try await client.send("GET / HTTP/1.1\r\nHost: te")
                slow.append(client)
            }
            let fast = try RawClient(port: server.port)
            for number in 1...200 {
                try await fast.send(request("GET", "/\(number)"))
                #expect(try await fast.receive()?["x-target"] == "/\(number)")
            }
            // A head that has not come is no request yet.
            await server.becomesIdle()
            for client in slow { try await client.send("st\r\n\r\n") }
            for client in slow { #expect(try await client.receive()?.status == 200) }
        }
    }
}
