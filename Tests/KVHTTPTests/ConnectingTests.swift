import KVHTTP
import Testing

@Suite(.timeLimit(.minutes(1))) struct ConnectingTests {
    @Test func `a port at which nobody listens refuses`() async throws {
        try await withPeer(PeerPlan(mode: "refuse")) { peer in
            let failure = try await failure(of: .get(peer.url()))

            #expect(failure.code == .connectionFailed)
            #expect(failure.message == "cannot connect to \(peer.host): connection refused")
            #expect(failure.status == nil)
        }
    }

    @Test func `a host without an address is named`() async throws {
        // Longer than a part of a name can be, so that no name server is asked.
        let host = String(repeating: "u", count: 64) + ".invalid:81"

        let failure = try await failure(of: .get("http://\(host)/"))

        #expect(failure.code == .connectionFailed)
        #expect(failure.message == "cannot connect to \(host): could not resolve host")
    }

    @Test func `a connection that is not made in time is given up`() async throws {
        try await withPeer(PeerPlan(mode: "full")) { peer in
            let failure = try await failure(of: .get(peer.url()), .with { $0.connectTimeout = .milliseconds(200) })

            #expect(failure.code == .timedOut)
            #expect(failure.message == "\(peer.host) cannot be connected to in time")
        }
    }

    @Test func `a handshake counts as time to connect`() async throws {
        try await withPeer(.mute) { peer in
            let failure = try await failure(
                of: .get(peer.url(scheme: "https")), .with { $0.connectTimeout = .milliseconds(200) })

            #expect(failure.code == .timedOut)
            #expect(failure.message == "\(peer.host) cannot be connected to in time")
        }
    }

    @Test func `all of an attempt has a limit, the connecting included`() async throws {
        try await withPeer(PeerPlan(mode: "full")) { peer in
            let failure = try await failure(of: .get(peer.url()) { $0.attemptTimeout = .milliseconds(200) })

            #expect(failure.code == .timedOut)
            #expect(failure.message == "\(peer.host) cannot be connected to in time")
        }
    }

    @Test func `the look-up of a name counts as time to connect, and stops nobody else`() async throws {
        try await withPeer(.fine) { peer in
            let url = peer.url()
            await #expect(processExitsWith: .success) { [url = url as String] in
                let gate = try NameGate()
                try await withHTTPClient(.with { $0.connectTimeout = .milliseconds(500) }) { http in
                    async let held = http.failure(of: .get(NameGate.url))
                    try await gate.asked()
                    #expect(try await http.send(.get(url)).status == 200)

                    let failure = try await held
                    #expect(failure.code == .timedOut)
                    #expect(failure.message == "held:81 cannot be connected to in time")
                }
            }
        }
    }
}
