import KVHTTP
import Testing

/// Large bodies, and servers that do not want them.
@Suite(.timeLimit(.minutes(1))) struct RefusalTests {
    private static let large = [UInt8](repeating: 0x61, count: 50_000_000)
    private static let asked = [UInt8](repeating: 0x62, count: (1 << 20) + 1)

    private func options(_ tls: String?) async throws -> HTTPOptions {
        tls == nil ? .with() : try await .trusting()
    }

    private func asks(_ head: Peer.Event) -> Bool { head.text?.contains("\r\nExpect: 100-continue") == true }

    @Test(arguments: [413, 429], [nil, "good"])
    func `a refusal at once is seen while a large body waits to be sent`(status: Int, tls: String?) async throws {
        // The connection is reset, as the server has not read what came.
        let refusal = PeerAnswer.status(status, "Retry-After: 7", "Connection: close", then: .close).with {
            $0.read = 0
        }
        try await withPeer(.answers(refusal, tls: tls)) { peer in
            try await withHTTPClient(options(tls)) { http in
                for _ in 0..<20 {
                    let reply = try await http.send(.put(peer.url(), Self.large))

                    #expect(reply.status == status && reply.headers["retry-after"] == "7")
                    #expect(reply.body == Array("later".utf8))
                    #expect(try await asks(peer.next("head")))
                }
            }
            #expect(try await peer.counts().requests == 20)
        }
    }

    @Test(arguments: [PeerAnswer.End.hold, .linger], [nil, "good"])
    func `a refusal amid a large body is seen`(end: PeerAnswer.End, tls: String?) async throws {
        let refusal = PeerAnswer.status(413, then: end).with { $0.read = 5_000_000 }
        try await withPeer(.answers(refusal, tls: tls)) { peer in
            try await withHTTPClient(options(tls)) { http in
                for _ in 0..<3 {
                    let reply = try await http.send(.put(peer.url(), Self.large))

                    #expect(reply.status == 413 && reply.body == Array("later".utf8))
                }
            }
        }
    }

    @Test(arguments: [nil, "good"])
    func `a refusal amid a large body with a reset is a status or a failed connection`(tls: String?) async throws {
        let refusal = PeerAnswer.status(413, "Connection: close", then: .close).with { $0.read = 5_000_000 }
        try await withPeer(.answers(refusal, tls: tls)) { peer in
            try await withHTTPClient(options(tls)) { http in
                for _ in 0..<5 {
                    do {
                        let reply = try await http.send(.put(peer.url(), Self.large))
                        #expect(reply.status == 413)
                    } catch let failure as HTTPFailure {
                        #expect([.connectionFailed, .malformedAnswer].contains(failure.code))
                    }
                }
            }
            #expect(try await peer.counts().requests == 5)
        }
    }

    @Test func `a refused question does not keep the next body from being asked for`() async throws {
        let plan = PeerPlan.answers(.status(429).with { $0.read = 0 }, PeerAnswer())
        try await withPeer(plan) { peer in
            try await withHTTPClient(.with()) { http in
                #expect(try await http.send(.put(peer.url(), Self.asked)).status == 429)
                let reply = try await http.send(.put(peer.url(), Self.asked))
                #expect(reply.status == 200 && reply.timesSent == 1)
            }
            for _ in 0..<2 { #expect(try await asks(peer.next("head"))) }
        }
    }

    @Test func `only what is larger than a mebibyte is asked for`() async throws {
        try await withPeer(.fine) { peer in
            try await withHTTPClient(.with()) { http in
                _ = try await http.send(.put(peer.url(), Array(Self.asked.dropLast())))
                #expect(try await !asks(peer.next("head")))
                _ = try await http.send(.put(peer.url(), Self.asked))
                #expect(try await asks(peer.next("head")))
            }
            _ = try await reply(to: .put(peer.url(), Self.asked), .with { $0.expectTimeout = nil })
            #expect(try await !asks(peer.next("head")))
        }
    }

    @Test func `a server that never says that a body may be sent is asked once`() async throws {
        try await withPeer(.answers(PeerAnswer().with { $0.ignoresQuestion = true })) { peer in
            try await withHTTPClient(.with { $0.expectTimeout = .milliseconds(50) }) { http in
                for isFirst in [true, false, false] {
                    let reply = try await http.send(.put(peer.url(), Self.asked))

                    #expect(reply.status == 200 && reply.timesSent == 1)
                    #expect(try await asks(peer.next("head")) == isFirst)
                    #expect(try await peer.next("body").count == Self.asked.count)
                }
            }
        }
    }

    @Test(arguments: [nil, "good"])
    func `a server that does not want to be asked gets the body without a question`(tls: String?) async throws {
        let parts = (0..<2_000).map { [UInt8](repeating: UInt8($0 % 256), count: 1_000) }
        try await withPeer(PeerPlan(tls: tls, refusesQuestion: true)) { peer in
            try await withHTTPClient(options(tls)) { http in
                let reply = try await http.send(HTTPRequest("PUT", peer.url(), body: .array(parts)))
                #expect(reply.status == 200 && reply.timesSent == 2)
                #expect(reply.body == Array("ok".utf8) && reply.headers["content-length"] == "2")
                #expect(try await asks(peer.next("head")))
                #expect(try await !asks(peer.next("head")))
                #expect(try await peer.next("body").count == 2_002_001)

                let second = try await http.send(HTTPRequest("PUT", peer.url(), body: .array(parts)))
                #expect(second.status == 200 && second.timesSent == 1)
                #expect(try await !asks(peer.next("head")))
            }
        }
    }

    @Test func `a server that refuses without being asked has answered`() async throws {
        try await withPeer(PeerPlan(answers: [.status(417)], refusesQuestion: true)) { peer in
            let small = try await reply(to: .put(peer.url(), [1]))
            #expect(small.status == 417 && small.timesSent == 1)

            let large = try await reply(to: .put(peer.url(), Self.asked))
            #expect(large.status == 417 && large.timesSent == 2)
            #expect(try await peer.counts().requests == 3)
        }
    }
}
