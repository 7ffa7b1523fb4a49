import KVHTTP
import Testing

/// The library sends a request again by itself when a connection that was used before ends without an answer.
///
/// Those who count requests must see it instead.
@Suite(.timeLimit(.minutes(1))) struct ResendingTests {
    /// A way to a server.
    struct Way: Sendable, CustomTestStringConvertible {
        let testDescription: String
        var tls: String?
        var hasProxy = false

        static let all = [
            Way(testDescription: "plain"), Way(testDescription: "over TLS", tls: "good"),
            Way(testDescription: "through a proxy", tls: "good", hasProxy: true),
        ]
    }

    /// Lends a server that is reached in a way, and a client for it.
    private func with(
        _ way: Way, _ plan: PeerPlan, _ body: (Peer, HTTPClient) async throws -> Void
    ) async throws {
        var plan = plan
        plan.tls = way.tls
        try await withPeer(PeerPlan(mode: "proxy")) { proxy in
            try await withPeer(plan) { peer in
                let options = try await HTTPOptions.trusting {
                    if way.hasProxy { $0.proxy = .init(host: "127.0.0.1", port: proxy.port) }
                }
                try await withHTTPClient(options) { try await body(peer, $0) }
            }
        }
    }

    private static let asked = HTTPBody.bytes([UInt8](repeating: 1, count: (1 << 20) + 1))
    private static let deaths = [PeerAnswer.death, PeerAnswer("", then: .reset)]

    @Test(arguments: Way.all, ["GET", "PUT", "POST", "DELETE"])
    func `a connection that was used before and dies is a failure, and nothing is sent again`(
        way: Way, method: String
    ) async throws {
        for death in Self.deaths {
            try await with(way, .answers(PeerAnswer(), death, PeerAnswer())) { peer, http in
                let body: HTTPBody? = method == "PUT" || method == "POST" ? .bytes([1, 2, 3]) : nil
                let request = HTTPRequest(method, peer.url(), body: body)
                #expect(try await http.send(request).status == 200)

                let failure = try await http.failure(of: request)
                #expect(failure.code == .connectionFailed)
                #expect(failure.message.hasPrefix("the connection to \(peer.host) failed: "))
                #expect(failure.status == nil)
                #expect(try await peer.counts().requests == 2)

                let reply = try await http.send(request)
                #expect(reply.status == 200 && reply.timesSent == 1)
                #expect(try await peer.counts().requests == 3)
            }
        }
    }

    @Test(arguments: Way.all)
    func `neither is a large body, before or after the server has said that it may come`(way: Way) async throws {
        for read in [0, 1, 1 << 20, nil] {
            let death = PeerAnswer.death.with { $0.read = read }
            try await with(way, .answers(PeerAnswer(), death, PeerAnswer())) { peer, http in
                let request = HTTPRequest("PUT", peer.url(), body: Self.asked)
                #expect(try await http.send(request).status == 200)
                let failure = try await http.failure(of: request)
                #expect(failure.code == .connectionFailed)
                #expect(try await peer.counts().requests == 2)
                #expect(try await http.send(request).status == 200)
            }
        }
    }

    @Test(arguments: Way.all)
    func `what follows a server that does not want to be asked is sent no third time`(way: Way) async throws {
        // The refusal of the question counts as an answer.
        var plan = PeerPlan.answers(PeerAnswer(), PeerAnswer(), .death, PeerAnswer())
        plan.refusesQuestion = true
        try await with(way, plan) { peer, http in
            #expect(try await http.send(.put(peer.url(), [1])).status == 200)

            // Asked, refused, and sent on a connection that is no longer new.
            let failure = try await http.failure(of: HTTPRequest("PUT", peer.url(), body: Self.asked))
            #expect(failure.code == .connectionFailed)
            #expect(failure.status == nil)
            #expect(try await peer.counts().requests == 3)
        }
    }

    @Test(arguments: Way.all)
    func `a connection that was closed while it was idle is not used`(way: Way) async throws {
        try await with(way, .answers(PeerAnswer(then: .closeLater), PeerAnswer())) { peer, http in
            #expect(try await http.send(.get(peer.url())).status == 200)
            try peer.openGate()
            try await peer.next("closed")
            // Through a proxy, the end has to come through that.
            if way.hasProxy { try await Task.sleep(for: .milliseconds(50)) }

            #expect(try await http.send(.get(peer.url())).status == 200)
            #expect(try await peer.counts().connections == 2)
        }
    }

    @Test(arguments: Way.all)
    func `what must not be sent twice has a connection of its own`(way: Way) async throws {
        try await with(way, .answers(PeerAnswer(), PeerAnswer(), .death)) { peer, http in
            let request = HTTPRequest("POST", peer.url(), body: .bytes([1])) { $0.mayBeSentTwice = false }
            for count in 1...2 {
                #expect(try await http.send(request).status == 200)
                #expect(try await peer.counts().connections == count)
            }

            let failure = try await http.failure(of: request)
            #expect(failure.code == .connectionFailed)
            let counts = try await peer.counts()
            #expect(counts.connections == 3 && counts.requests == 3)
        }
    }

    @Test func `a failed connection does not count against requests to come`() async throws {
        // Five ends were once too many for a handle, whoever used it.
        let answers = (0..<20).flatMap { _ in [PeerAnswer(), .death] }
        try await withPeer(PeerPlan(answers: answers)) { peer in
            try await withHTTPClient(.with { $0.maximumConnections = 1 }) { http in
                for _ in 0..<20 {
                    #expect(try await http.send(.get(peer.url())).status == 200)
                    let failure = try await http.failure(of: .get(peer.url()))
                    #expect(failure.code == .connectionFailed && !failure.description.contains("tried"))
                }
            }
            #expect(try await peer.counts().requests == 40)
        }
    }
}
