import KVHTTP
import Testing

/// Nothing here may end by another deadline than the one that is meant: all others are far away.
@Suite(.timeLimit(.minutes(1))) struct TimeTests {
    private static let head = "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\ncf-ray: r1\r\n\r\n"

    @Test func `a server that never answers is given up`() async throws {
        try await withPeer(.answers(.silence)) { peer in
            let failure = try await failure(of: .get(peer.url()) { $0.stallTimeout = .milliseconds(300) })

            #expect(failure.code == .timedOut)
            #expect(failure.message == "\(peer.host) did not answer in time")
            #expect(failure.status == nil)
            try await peer.next("gone")
        }
    }

    @Test func `so is one that stops in the middle of an answer`() async throws {
        try await withPeer(.answers(PeerAnswer(Self.head + "abc", then: .hold))) { peer in
            let failure = try await failure(of: .get(peer.url()) { $0.stallTimeout = .seconds(2) })

            #expect(failure.code == .timedOut)
            #expect(failure.message == "\(peer.host) stopped in the middle of an answer")
            #expect(failure.status == 200 && failure.headers["cf-ray"] == "r1")
            try await peer.next("gone")
        }
    }

    @Test func `so is one that stops in the middle of a head`() async throws {
        try await withPeer(.answers(PeerAnswer("HTTP/1.1 200 OK\r\nX-", then: .hold))) { peer in
            let failure = try await failure(of: .get(peer.url()) { $0.stallTimeout = .milliseconds(300) })

            #expect(failure.code == .timedOut)
            #expect(failure.message == "\(peer.host) did not answer in time")
        }
    }

    @Test func `an answer that comes byte by byte never stalls, but may be too slow as a whole`() async throws {
        try await withPeer(.answers(PeerAnswer(Self.head).with { $0.trickles = true })) { peer in
            let failure = try await failure(
                of: .get(peer.url()) {
                    $0.stallTimeout = .seconds(20)
                    $0.attemptTimeout = .seconds(3)
                })

            #expect(failure.code == .timedOut)
            #expect(failure.message.hasPrefix("the answer came too slowly: "))
            #expect(failure.message.hasSuffix(" bytes so far"))
            #expect(failure.status == 200 && failure.headers["cf-ray"] == "r1")
        }
    }

    @Test func `a server that takes no more of a body is given up`() async throws {
        let answer = PeerAnswer("", then: .stopReading).with { $0.read = 1 }
        try await withPeer(.answers(answer)) { peer in
            let body = [UInt8](repeating: 7, count: 50_000_000)
            let failure = try await failure(of: .put(peer.url(), body) { $0.stallTimeout = .seconds(1) })

            #expect(failure.code == .timedOut)
            #expect(failure.message == "\(peer.host) did not answer in time")
        }
    }

    @Test func `a server that reads slowly does not stall`() async throws {
        var plan = PeerPlan.answers(PeerAnswer().with { $0.readsSlowly = true })
        plan.hasSmallBuffer = true
        try await withPeer(plan) { peer in
            // What the system would take at once, if it were let, would last longer than nothing may happen.
            let body = [UInt8](repeating: 7, count: 5_000_000)
            let reply = try await reply(to: .put(peer.url(), body) { $0.stallTimeout = .seconds(2) })

            #expect(reply.status == 200)
        }
    }

    @Test func `the time to wait for a place among the connections does not count`() async throws {
        try await withPeer(.answers(PeerAnswer().with { $0.waits = true })) { peer in
            try await withHTTPClient(.with { $0.maximumConnections = 1 }) { http in
                async let first = http.send(.get(peer.url("/first")))
                try await peer.next("head")
                async let second = http.send(.get(peer.url("/second")) { $0.attemptTimeout = .seconds(10) })
                // Nothing but time makes the difference that is tested here.
                try await Task.sleep(for: .milliseconds(100))
                try peer.openGate()

                #expect(try await first.status == 200)
                #expect(try await second.status == 200)
            }
        }
    }

    @Test func `times beyond all measure are as good as none`() async throws {
        try await withPeer(.fine) { peer in
            let options = HTTPOptions.with {
                $0.connectTimeout = .seconds(Int64.max)
                $0.expectTimeout = .seconds(Int64.max)
            }
            let request = HTTPRequest.put(peer.url(), [1]) {
                $0.stallTimeout = .seconds(Int64.max)
                $0.attemptTimeout = .seconds(Int64.max)
            }
            let reply = try await reply(to: request, options)

            #expect(reply.status == 200)
        }
    }

    @Test(arguments: [Duration.zero, .seconds(-5)])
    func `no time at all ends a request at once`(time: Duration) async throws {
        try await withPeer(.fine) { peer in
            let failure = try await failure(of: .get(peer.url()) { $0.attemptTimeout = time })

            #expect(failure.code == .timedOut)
        }
    }
}
