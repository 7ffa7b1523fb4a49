import KVHTTP
import Testing

@Suite(.timeLimit(.minutes(1))) struct TLSTests {
    @Test func `a server of a trusted authority is spoken to`() async throws {
        try await withPeer(PeerPlan(tls: "good")) { peer in
            let reply = try await reply(to: .get(peer.url()), .trusting())

            #expect(reply.status == 200)
            #expect(reply.body == Array("ok".utf8))
        }
    }

    @Test func `an authority is trusted by the environment, where the caller hands that over`() async throws {
        let file = try await PeerProcess.shared.value.certificate("ca")
        try await withPeer(PeerPlan(tls: "good")) { peer in
            let reply = try await reply(to: .get(peer.url()), HTTPOptions(environment: ["SSL_CERT_FILE": file]))
            #expect(reply.status == 200)

            let failure = try await failure(of: .get(peer.url()), HTTPOptions(environment: ["SSL_CERT_FILE": ""]))
            #expect(failure.code == .tlsFailed)
        }
    }

    @Test func `a file that is given comes before the one of the environment`() async throws {
        let peers = try await PeerProcess.shared.value
        var options = HTTPOptions(environment: ["SSL_CERT_FILE": peers.certificate("self")])
        options.certificateFile = peers.certificate("ca")

        try await withPeer(PeerPlan(tls: "good")) { peer in
            let reply = try await reply(to: .get(peer.url()), options)

            #expect(reply.status == 200)
        }
    }

    @Test(arguments: [
        ("self", "its certificate is not from an authority that this machine trusts"),
        ("expired", "its certificate has expired"),
        ("early", "its certificate is not valid yet"),
        ("other", "its certificate is for another host"),
    ])
    func `a certificate that is not right is said to be so, and nothing is sent`(
        name: String, reason: String
    ) async throws {
        try await withPeer(PeerPlan(tls: name)) { peer in
            let failure = try await failure(of: .get(peer.url()), .trusting())

            #expect(failure.code == .tlsFailed)
            #expect(failure.message == "no secure connection to \(peer.host): \(reason)")
            #expect(failure.status == nil)
            try await peer.next("gone")
            #expect(peer.seen("head").isEmpty)
        }
    }

    @Test func `an authority of the tests is not trusted by itself`() async throws {
        try await withPeer(PeerPlan(tls: "good")) { peer in
            let failure = try await failure(of: .get(peer.url()))

            #expect(failure.code == .tlsFailed)
            #expect(failure.message.hasSuffix("its certificate is not from an authority that this machine trusts"))
        }
    }

    @Test(arguments: ["/nowhere/authorities.pem", #filePath])
    func `a file without certificates is named`(file: String) async throws {
        try await withPeer(PeerPlan(tls: "good")) { peer in
            let failure = try await failure(of: .get(peer.url()), .with { $0.certificateFile = file })

            #expect(failure.code == .tlsFailed)
            #expect(
                failure.message == "no secure connection to \(peer.host): the file \(file) cannot be read, or holds no "
                    + "certificates")
        }
    }

    @Test func `plain HTTP at a port for TLS will not change`() async throws {
        let plan = PeerPlan(mode: "blurt", text: "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
        try await withPeer(plan) { peer in
            let failure = try await failure(of: .get(peer.url(scheme: "https")))

            #expect(failure.code == .tlsFailed)
            #expect(
                failure.message
                    == "no secure connection to \(peer.host): the server does not speak TLS at this port")
        }
    }

    @Test func `TLS at a port for plain HTTP is not HTTP`() async throws {
        try await withPeer(PeerPlan(mode: "blurt", text: "\u{15}\u{3}\u{3}\u{0}\u{2}\u{2}\u{32}")) { peer in
            let failure = try await failure(of: .get(peer.url()))

            #expect(failure.code == .malformedAnswer)
            #expect(failure.message == "\(peer.host) does not answer in HTTP")
        }
    }

    @Test func `a real server of TLS that is spoken to without it ends the connection`() async throws {
        try await withPeer(PeerPlan(tls: "good")) { peer in
            let failure = try await failure(of: .get(peer.url(scheme: "http")))

            #expect(failure.code == .connectionFailed)
        }
    }

    @Test func `a version of TLS that is out of use will not change`() async throws {
        try await withPeer(PeerPlan(tls: "good", isOld: true)) { peer in
            let failure = try await failure(of: .get(peer.url()), .trusting())

            #expect(failure.code == .tlsFailed)
        }
    }

    @Test func `a connection that ends amid the handshake may be made the next time`() async throws {
        try await withPeer(PeerPlan(mode: "blurt", text: "")) { peer in
            let failure = try await failure(of: .get(peer.url(scheme: "https")))

            #expect(failure.code == .connectionFailed)
            #expect(
                failure.message == "no secure connection to \(peer.host): the connection ended before it was made")
        }
    }

    @Test func `a secure answer without an announced end that is cut is not called whole`() async throws {
        // The connection ends without TLS's own goodbye, as it does when somebody cuts it.
        let cut = PeerPlan.answers(PeerAnswer("HTTP/1.1 200 OK\r\n\r\nfirst half", then: .close), tls: "good")
        try await withPeer(cut) { peer in
            do {
                let reply = try await reply(to: .get(peer.url()), .trusting())
                #expect(!reply.hasAnnouncedEnd)
            } catch HTTPFailure.Code.malformedAnswer {
                // There are versions of the library that tell.
            }
        }
    }
}
