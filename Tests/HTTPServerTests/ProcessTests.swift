import CMicrohttpd
import Glibc
import HTTPServer
import Testing

/// What a server does to the process it runs in, each in a process of its own.
@Suite struct ProcessTests {
    @Test func `storms of connections leave descriptors where they were`() async {
        await #expect(processExitsWith: .success) {
            let doorway = Doorway()
            doorway.open()
            try await withResponder { _ in
                await doorway.pass()
                return Response(status: 200, body: [UInt8](repeating: 0, count: 200_000))
            } _: { server async throws in
                func storm() async throws {
                    for number in 0..<300 {
                        let client = try RawClient(port: server.port)
                        if number % 3 == 0 { client.resetOnClose() }
                        let texts = [
                            "", "GET / HT", request("GET", "/"), request("PUT", "/", "Content-Length: 9") + "a",
                        ]
                        try await client.send(texts[number % 4])
                        if number % 8 == 2 { _ = try await client.receive() }
                    }
                }
                // The server sees the end of a connection soon after; each request gives it time for that.
                func settle(at most: Int) async throws -> Bool {
                    for _ in 0..<5_000 {
                        _ = try await server.answer(request("GET", "/"))
                        if try openDescriptors() <= most { return true }
                    }
                    return false
                }
                _ = try await server.answer(request("GET", "/"))
                // The last connection's end may not have been seen on either side of these counts.
                let most = try openDescriptors() + 2
                for _ in 0..<2 {
                    try await storm()
                    let hasSettled = try await settle(at: most)
                    precondition(hasSettled)
                }
            }
        }
    }

    @Test func `a broken pipe is no reason to end the process`() async {
        await #expect(processExitsWith: .success) {
            try await withEcho { _ in
                var pair: [Int32] = [0, 0]
                precondition(pipe(&pair) == 0)
                close(pair[0])
                precondition(write(pair[1], "a", 1) == -1 && errno == EPIPE)
            }
        }
    }

    @Test func `what the library says goes into the log and nowhere else`() async throws {
        let result = await #expect(
            processExitsWith: .success, observing: [\.standardErrorContent, \.standardOutputContent]
        ) {
            let log = Lines()
            try await withEcho({ $0.log = log.add }) { server async throws in
                // The library complains of a length that is none.
                _ = try await server.answer("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n")
            }
            precondition(!log.all.isEmpty)
            precondition(log.all.allSatisfy { $0.hasPrefix("libmicrohttpd: ") && !$0.hasSuffix("\n") })
        }
        #expect(result?.standardErrorContent.isEmpty == true)
        #expect(result?.standardOutputContent.isEmpty == true)
    }

    @Test func `a panic of the library names its cause before the process ends`() async throws {
        let result = await #expect(processExitsWith: .signal(SIGABRT), observing: [\.standardErrorContent]) {
            try await withEcho { server async throws in
                // A daemon that is used against the rules: its handler claims more of a body than there is.
                let calls = UnsafeMutablePointer<kvark_mhd_calls>.allocate(capacity: 1)
                calls.initialize(
                    to: kvark_mhd_calls(
                        context: nil, begin: { _, _, _ in nil },
                        advance: { _, _, _, _, _, _, count, _ in
                            if let count, count.pointee > 0 { count.pointee += 1 }
                            return .YES
                        }, completed: { _, _, _, _ in }, unescape: { _, _, text in text.map { strlen($0) } ?? 0 },
                        log: { _, _ in }))
                let listener = try TestListener()
                var limits = kvark_mhd_limits(
                    connections: 10, idle_seconds: 0, connection_memory: 32_768, connection_increment: 4_096)
                precondition(kvark_mhd_start(calls, listener.descriptor, &limits) != nil)
                let client = try RawClient(port: listener.port)
                try await client.send(request("PUT", "/", body: "hello"))
                _ = try await client.receive()
            }
        }
        let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
        #expect(text.contains("the HTTP library cannot go on: libmicrohttpd API violation."))
    }
}
