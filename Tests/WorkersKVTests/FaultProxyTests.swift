import KVTestSupport
import Testing

/// Each fault that any request can meet: what the client sees, and whether the server has seen the request.
@Suite struct FaultProxyTests {
    /// What a client and a server saw of one write.
    private struct Sighting {
        var reply: CurlReply
        var reached: Int
    }

    /// Sends one write through a proxy that injects a fault.
    private func sight(
        _ fault: Fault, _ method: String = "PUT", _ path: String = APIPath.value, body: [UInt8]? = Array("abc".utf8),
        answer: ScriptedServer.Answer = .success(), options: [String] = []
    ) async throws -> Sighting {
        try await ScriptedServer.withServer({ _, _ in answer }) { server in
            try await FaultProxy.withProxy(to: server.port, plan: .scripted { _, _ in fault }) { proxy in
                let reply = try await CurlReply.send(method, path, port: proxy.port, body: body, options: options)
                #expect(proxy.injected == [fault: 1])
                #expect(proxy.forwarded == server.requests.count)
                for request in server.requests { #expect(request.body == body ?? []) }
                return Sighting(reply: reply, reached: server.requests.count)
            }
        }
    }

    // MARK: The connection

    @Test func `a request that is reset before has not reached the server`() async throws {
        let sighting = try await sight(.resetBefore)
        #expect(sighting.reply.exit == CurlReply.Exit.receiveFailed)
        #expect(sighting.reached == 0)
    }

    @Test func `a request that is reset afterwards has reached the server`() async throws {
        let sighting = try await sight(.resetAfter)
        #expect(sighting.reply.exit == CurlReply.Exit.receiveFailed)
        #expect(sighting.reached == 1)
    }

    @Test func `a cut body ends early by a close`() async throws {
        let sighting = try await sight(.cutBody, "GET", body: nil, answer: .http(200, "0123456789"))
        #expect(sighting.reply.exit == CurlReply.Exit.partialBody)
        #expect(sighting.reply.text == "01234")
        #expect(sighting.reached == 1)
    }

    @Test func `a cut body can end by a reset`() async throws {
        let sighting = try await sight(.cutBodyWithReset, "GET", body: nil, answer: .http(200, "0123456789"))
        #expect(sighting.reply.exit == CurlReply.Exit.receiveFailed)
        #expect(sighting.reached == 1)
    }

    @Test func `an answer without a body is cut in its head`() async throws {
        let sighting = try await sight(.cutBody, "GET", body: nil, answer: .http(200, ""), options: ["-i"])
        // curl takes what has come of a head for the whole of it.
        #expect(sighting.reply.text.hasPrefix("HTTP/1.1 200 Status\r\n"))
        #expect(!sighting.reply.text.contains("\r\n\r\n"))
        #expect(sighting.reached == 1)
    }

    @Test func `a connection is lost in the middle of a long request body only`() async throws {
        let plan = FaultPlan.scripted { _, _ in .lostConnectionWhileSending }
        try await ScriptedServer.withServer({ _, _ in .success() }) { server in
            try await FaultProxy.withProxy(to: server.port, plan: plan) { proxy in
                for options in [[], ["-H", "transfer-encoding: chunked"]] {
                    let long = try await CurlReply.send(
                        "PUT", APIPath.value, port: proxy.port, body: [UInt8](repeating: 1, count: 8 << 20),
                        options: options)
                    #expect(
                        [CurlReply.Exit.sendFailed, CurlReply.Exit.receiveFailed, CurlReply.Exit.emptyReply]
                            .contains(long.exit))
                }
                #expect(server.requests.isEmpty)
                let short = try await CurlReply.send(
                    "PUT", APIPath.value, port: proxy.port, body: [UInt8](repeating: 1, count: 65536))
                #expect(short.status == 200)
                #expect(proxy.injected == [.lostConnectionWhileSending: 2])
                #expect(server.requests.count == 1)
            }
        }
    }

    // MARK: Time

    @Test(arguments: [Fault.stallBefore, .stallAfter]) func `a stalled request gets nothing`(fault: Fault) async throws
    {
        let sighting = try await sight(fault, options: ["-m", "0.5"])
        #expect(sighting.reply.exit == CurlReply.Exit.timeOut)
        #expect(sighting.reply.status == 0)
        #expect(sighting.reached == (fault == .stallAfter ? 1 : 0))
    }

    @Test func `a stalled body gets only its first half`() async throws {
        let sighting = try await sight(
            .stallBody, "GET", body: nil, answer: .http(200, "0123456789"), options: ["-N", "-m", "0.5"])
        #expect(sighting.reply.exit == CurlReply.Exit.timeOut)
        #expect(sighting.reply.text == "01234")
        #expect(sighting.reached == 1)
    }

    @Test func `a late answer is whole`() async throws {
        let start = ContinuousClock.now
        let sighting = try await sight(.delay, "GET", body: nil, answer: .http(200, "0123456789"))
        #expect(ContinuousClock.now - start >= .milliseconds(20))
        #expect(sighting.reply.text == "0123456789")
    }

    @Test func `stopping the proxy ends stalled requests`() async throws {
        try await ScriptedServer.withServer({ _, _ in .silence }) { server in
            let plan = FaultPlan.scripted { _, index in index == 0 ? .stallBefore : nil }
            // One request waits for the proxy, the other one for the server behind it.
            let requests = try await FaultProxy.withProxy(to: server.port, plan: plan) { proxy in
                let port = proxy.port
                let requests = (0..<2).map { _ in Task { try await CurlReply.send("GET", APIPath.value, port: port) } }
                while proxy.injected.isEmpty || server.requests.isEmpty { try await Task.sleep(for: .milliseconds(5)) }
                return requests
            }
            for request in requests {
                let exit = try await request.value.exit
                #expect([CurlReply.Exit.emptyReply, CurlReply.Exit.receiveFailed].contains(exit))
            }
        }
    }

    // MARK: Statuses

    @Test(arguments: [
        (Fault.status429, 429, #""code":971"#), (.status500, 500, #""code":10001"#), (.status502HTML, 502, "<html>"),
        (.status520, 520, ""), (.htmlInsteadOfJSON, 200, "<html>"),
    ]) func `some statuses come without the server's knowledge`(fault: Fault, status: Int, part: String) async throws {
        let sighting = try await sight(fault)
        #expect(sighting.reply.exit == CurlReply.Exit.done)
        #expect(sighting.reply.status == status)
        #expect(part.isEmpty ? sighting.reply.body.isEmpty : sighting.reply.text.contains(part))
        #expect(sighting.reply.type.hasPrefix("text/html") == (part == "<html>"))
        #expect(sighting.reached == 0)
    }

    @Test(arguments: [
        (Fault.status500After, 500, #""code":10001"#), (.status502HTMLAfter, 502, "<html>"),
        (.status524After, 524, "<html>"), (.successFalse, 200, #""success":false"#),
    ]) func `some statuses hide that the server has done its work`(fault: Fault, status: Int, part: String) async throws
    {
        let sighting = try await sight(fault)
        #expect(sighting.reply.status == status)
        #expect(sighting.reply.text.contains(part))
        #expect(sighting.reached == 1)
    }

    @Test func `too many requests come with leave to try again at once`() async throws {
        let sighting = try await sight(.status429, options: ["-i"])
        #expect(sighting.reply.text.lowercased().contains("\r\nretry-after: 0\r\n"))
    }

    @Test func `a write can happen twice`() async throws {
        let sighting = try await sight(.repeated)
        #expect(sighting.reply.status == 200)
        #expect(sighting.reached == 2)
    }

    // MARK: Where faults do not fit

    @Test(arguments: [
        Fault.htmlInsteadOfJSON, .successFalse, .repeated, .unsuccessfulKeys, .emptyPage, .deadCursor,
        .lostConnectionWhileSending,
    ]) func `what could be a legal value does not happen to a read of a value`(fault: Fault) async throws {
        try await ScriptedServer.withServer({ _, _ in .http(200, "the value") }) { server in
            try await FaultProxy.withProxy(to: server.port, plan: .scripted { _, _ in fault }) { proxy in
                let reply = try await CurlReply.send("GET", APIPath.value, port: proxy.port)
                #expect(reply.text == "the value")
                #expect(proxy.injected.isEmpty)
                #expect(proxy.forwarded == 1)
            }
        }
    }

    // MARK: Choosing by lot

    /// Sends some requests one after the other and tells which statuses came.
    private func statuses(seed: UInt64, chance: Double = 0.1) async throws -> (statuses: [Int], injected: [Fault: Int])
    {
        let faults: [Fault] = [.status429, .status500, .status502HTML, .status520, .emptyPage]
        return try await ScriptedServer.withServer({ _, _ in .success() }) { server in
            let plan = FaultPlan.random(faults, chance: chance, seed: seed)
            return try await FaultProxy.withProxy(to: server.port, plan: plan) { proxy in
                // A pattern of curl's own: 60 requests on one connection.
                let reply = try await CurlReply.send(
                    "GET", APIPath.value + "[1-60]", port: proxy.port,
                    options: ["--no-globoff", "-o", "/dev/null", "-w", "%{http_code}\n"])
                #expect(proxy.forwarded == server.requests.count)
                let statuses = reply.text.split(separator: "\n").compactMap { Int($0) }
                #expect(statuses.count == 60)
                #expect(proxy.injected.values.reduce(0, +) == statuses.filter { $0 != 200 }.count)
                return (statuses, proxy.injected)
            }
        }
    }

    @Test func `the same seed makes the same choices and another seed makes others`() async throws {
        let first = try await statuses(seed: 1)
        let again = try await statuses(seed: 1)
        #expect(first.statuses == again.statuses)
        #expect(first.injected == again.injected)
        #expect(try await statuses(seed: 2).statuses != first.statuses)
    }

    @Test func `however high the chances some requests pass`() async throws {
        let outcome = try await statuses(seed: 3, chance: 1)
        #expect((10...40).contains(outcome.statuses.filter { $0 == 200 }.count))
        #expect(outcome.injected.count == 4)
    }

    @Test func `many clients at once meet faults and none is forgotten`() async throws {
        let stalls: Set<Fault> = [.stallBefore, .stallAfter, .stallBody]
        let plan = FaultPlan.random(Fault.allCases.filter { !stalls.contains($0) }, chance: 0.03, seed: 8)
        try await ScriptedServer.withServer({ _, _ in .success() }) { server in
            try await FaultProxy.withProxy(to: server.port, plan: plan) { proxy in
                let port = proxy.port
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for _ in 0..<8 {
                        group.addTask {
                            _ = try await CurlReply.send(
                                "PUT", APIPath.value + "[1-50]", port: port, body: [1, 2, 3],
                                options: ["--no-globoff"])
                        }
                    }
                    try await group.waitForAll()
                }
                #expect(proxy.injected.values.reduce(0, +) > 100)
                #expect(proxy.forwarded == server.requests.count)
            }
        }
    }

    @Test func `a plan without faults injects none`() async throws {
        #expect(try await statuses(seed: 1, chance: 0).injected.isEmpty)
    }
}
