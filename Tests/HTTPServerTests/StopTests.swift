import HTTPServer
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(2))) struct StopTests {
    /// Runs a server whose answers wait, and gives it so many requests.
    private func withWaiting(
        _ count: Int, grace: Duration = .seconds(60), _ body: (Server, Doorway, [RawClient]) async throws -> Void
    ) async throws {
        let doorway = Doorway()
        try await withResponder(options { $0.gracePeriod = grace }) { _ in
            await doorway.pass()
            return Response(status: 200)
        } _: { server async throws in
            let clients = try (0..<count).map { _ in try RawClient(port: server.port) }
            for client in clients { try await client.send(request("GET", "/")) }
            await doorway.arrivals(count)
            try await body(server, doorway, clients)
        }
    }

    /// Waits until a server takes no more connections.
    private func refuses(_ server: Server) async {
        while (try? RawClient(port: server.port)) != nil { await Task.yield() }
    }

    @Test func `requests in flight are finished, and each answer announces the close`() async throws {
        try await withWaiting(100) { server, doorway, clients async throws in
            async let stopped: Void = server.stop(within: .seconds(60))
            await refuses(server)
            doorway.open()
            for client in clients {
                let answer = try await client.receive()
                #expect(answer?.status == 200)
                #expect(answer?.closes == true)
                #expect(try await client.ends())
            }
            await stopped
            #expect(doorway.cancelled == 0)
        }
    }

    @Test func `requests that do not end are cut off and cancelled when the time is over`() async throws {
        try await withWaiting(10) { server, doorway, clients async throws in
            await server.stop(within: .zero)
            #expect(doorway.cancelled == 10)
            #expect(server.requestsInFlight == 0)
            for client in clients { #expect(try await client.ends()) }
        }
    }

    @Test func `to stop twice is to wait for one end`() async throws {
        try await withWaiting(1) { server, doorway, clients async throws in
            async let first: Void = server.stop(within: .seconds(60))
            await refuses(server)
            // A later caller's time does not count.
            async let second: Void = server.stop(within: .zero)
            async let third: Void = server.stop(within: .seconds(60))
            doorway.open()
            #expect(try await clients[0].receive()?.status == 200)
            _ = await (first, second, third)
            await server.stop(within: .zero)
            #expect(doorway.cancelled == 0)
        }
    }

    @Test func `a caller that is cancelled waits all the same, and cuts nothing off`() async throws {
        try await withWaiting(1) { server, doorway, clients async throws in
            let stopping = Task { await server.stop(within: .seconds(60)) }
            await refuses(server)
            stopping.cancel()
            doorway.open()
            #expect(try await clients[0].receive()?.status == 200)
            await stopping.value
            #expect(doorway.cancelled == 0)
        }
    }

    @Test func `a server stops when its scope is left, with the error that left it`() async throws {
        struct Stop: Error {}
        let doorway = Doorway()
        let port = Mutex(0)
        await #expect(throws: Stop.self) {
            try await withResponder(options { $0.gracePeriod = .zero }) { _ in
                await doorway.pass()
                return Response(status: 200)
            } _: { server async throws in
                port.withLock { $0 = server.port }
                try await RawClient(port: server.port).send(request("GET", "/"))
                await doorway.arrivals(1)
                throw Stop()
            }
        }
        #expect(doorway.cancelled == 1)
        #expect(throws: RawClient.Failure.self) { try RawClient(port: port.withLock { $0 }) }
    }

    @Test func `idle connections and unfinished heads hold nothing up`() async throws {
        try await withEcho { server async throws in
            let idle = try (0..<20).map { _ in try RawClient(port: server.port) }
            for client in idle {
                try await client.send(request("GET", "/"))
                #expect(try await client.receive()?.closes == false)
            }
            let silent = try RawClient(port: server.port)
            let unfinished = try RawClient(port: server.port)
            try await unfinished.send("GET / HTTP/1.1\r\nHost: a\r\n")
            await server.stop(within: .seconds(3_600))
            for client in idle + [silent, unfinished] { #expect(try await client.ends()) }
        }
    }

    @Test func `a body that does not come is cut off when the time is over`() async throws {
        try await withEcho { server async throws in
            let client = try RawClient(port: server.port)
            try await client.send(request("PUT", "/", "Expect: 100-continue", "Content-Length: 10"))
            #expect(try await client.receive()?.status == 100)
            await server.stop(within: .milliseconds(1))
            #expect(try await client.ends())
        }
    }

    @Test func `a body that is under way is finished`() async throws {
        try await withEcho { server async throws in
            let client = try RawClient(port: server.port)
            try await client.send(request("PUT", "/", "Expect: 100-continue", "Content-Length: 5"))
            #expect(try await client.receive()?.status == 100)
            async let stopped: Void = server.stop(within: .seconds(60))
            await refuses(server)
            try await client.send("hello")
            let answer = try await client.receive()
            #expect(answer?.text == "hello")
            #expect(answer?.closes == true)
            await stopped
        }
    }

    @Test func `an answer that nobody reads is cut off when the time is over`() async throws {
        try await withResponder { _ in
            Response(status: 200, body: [UInt8](repeating: 0, count: 50_000_000))
        } _: { server async throws in
            let client = try RawClient(port: server.port)
            try await client.send(request("GET", "/"))
            #expect(try await !client.ends())
            await server.stop(within: .zero)
            #expect(server.requestsInFlight <= 1)
        }
    }

    @Test func `a server that is stopped while requests pour in waits for none of them for ever`() async throws {
        for round in 0..<300 {
            let doorway = Doorway()
            try await withResponder { _ in
                await doorway.pass()
                return Response(status: 200)
            } _: { server async throws in
                let clients = try (0..<16).map { _ in try RawClient(port: server.port) }
                async let pouring: Void = {
                    for client in clients { try? await client.send(request("GET", "/")) }
                }()
                // Each time at another moment of the next request.
                await doorway.arrivals(round % 16)
                await server.stop(within: .zero)
                #expect(server.requestsInFlight == 0)
                await pouring
            }
        }
    }

    @Test(.timeLimit(.minutes(2)))
    func `what answers requests is let go of when the server has stopped, and not before`() async throws {
        final class Tenant: Sendable {}
        weak var tenant: Tenant?
        let admit: @Sendable (RequestHead) -> RequestPlan
        do {
            let inside = Tenant()
            tenant = inside
            admit = { _ in .take(bodyUpTo: 0) { _ in Response(status: withExtendedLifetime(inside) { 200 }) } }
        }
        func serve(_ admit: sending @escaping @Sendable (RequestHead) -> RequestPlan) async throws {
            try await withHTTPServer(ServerOptions(), admit: admit) { server async throws in
                #expect(try await server.answer(request("GET", "/"))?.status == 200)
            }
        }
        try await serve(admit)
        _ = consume admit
        // The runtime frees a task some time after the task has ended.
        while tenant != nil { try await Task.sleep(for: .milliseconds(5)) }
    }
}
