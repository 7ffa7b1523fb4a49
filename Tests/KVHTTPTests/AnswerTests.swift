import KVHTTP
import Testing

@Suite(.timeLimit(.minutes(1))) struct AnswerTests {
    /// A head that announces a length.
    private static func head(_ length: Int) -> String {
        "HTTP/1.1 200 OK\r\nContent-Length: \(length)\r\ncf-ray: r1\r\n\r\n"
    }

    @Test(arguments: [200, 204, 304, 404, 429, 500, 599])
    func `any status is an answer, with its headers`(status: Int) async throws {
        try await withPeer(.answers(.status(status, "X-Dup: 1", "Retry-After: 7", "x-dup: 2", then: .close))) { peer in
            let reply = try await reply(to: .get(peer.url()))

            #expect(reply.status == status)
            #expect(reply.headers["retry-after"] == "7")
            #expect(reply.headers["x-dup"] == "2")
            #expect(reply.headers.list("x-dup") == "1,2")
            #expect(reply.headers["nothing"] == nil && reply.headers.list("nothing") == nil)
            #expect(reply.timesSent == 1)
        }
    }

    @Test func `interim answers are passed over, and trailers`() async throws {
        let text =
            "HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
            + "2\r\nok\r\n0\r\ntrailer: yes\r\n\r\n"
        try await withPeer(.answers(PeerAnswer(text))) { peer in
            let reply = try await reply(to: .get(peer.url()))

            #expect(reply.status == 200 && reply.body == Array("ok".utf8))
            #expect(reply.headers["link"] == nil && reply.headers["trailer"] == nil)
            #expect(reply.hasAnnouncedEnd)
        }
    }

    @Test(arguments: [
        ("Content-Length: 2\r\n\r\nok", true),
        ("Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n", true),
        ("\r\nok", false),
        ("Transfer-Encoding: identity\r\n\r\nok", false),
    ])
    func `whether the end was announced is told`(rest: String, isAnnounced: Bool) async throws {
        try await withPeer(.answers(PeerAnswer("HTTP/1.1 200 OK\r\n" + rest, then: .close))) { peer in
            let reply = try await reply(to: .get(peer.url()))

            #expect(reply.body == Array("ok".utf8))
            #expect(reply.hasAnnouncedEnd == isAnnounced)
        }
    }

    @Test func `a redirect is an answer, and leads nowhere`() async throws {
        try await withPeer(.fine) { elsewhere in
            let redirect = PeerPlan.answers(.status(302, "Location: \(elsewhere.url("/taken"))"))
            try await withPeer(redirect) { peer in
                let request = HTTPRequest.get(peer.url()) { $0.headers = [("Authorization", "Bearer secret")] }

                let reply = try await reply(to: request)
                #expect(reply.status == 302)
            }
            #expect(try await elsewhere.counts().connections == 0)
        }
    }

    @Test func `a cookie is not sent back, and no compression is asked for`() async throws {
        try await withPeer(.answers(.status(200, "Set-Cookie: a=b"))) { peer in
            try await withHTTPClient(.with()) { http in
                _ = try await http.send(.get(peer.url()))
                _ = try await http.send(.get(peer.url()))
            }
            _ = try await peer.next("head")
            let head = try #require(try await peer.next("head").text)
            #expect(head == "GET / HTTP/1.1\r\nHost: \(peer.host)\r\nAccept: */*")
        }
    }

    // MARK: - Cut

    @Test(arguments: [
        ("Content-Length: 1000\r\n\r\n0123456789", PeerAnswer.End.close),
        ("Content-Length: 1000\r\n\r\n0123456789", .reset),
        ("Transfer-Encoding: chunked\r\n\r\na\r\n0123456789\r\n", .close),
        ("Transfer-Encoding: chunked\r\n\r\n1f\r\n0123456789", .close),
        ("Transfer-Encoding: chunked\r\n\r\na\r\n0123456789\r\nno-number\r\n", .close),
    ])
    func `an answer that is cut is not one`(rest: String, end: PeerAnswer.End) async throws {
        let answer = PeerAnswer("HTTP/1.1 200 OK\r\ncf-ray: r1\r\n" + rest, then: end)
        try await withPeer(.answers(answer)) { peer in
            let failure = try await failure(of: .get(peer.url()))

            #expect(failure.code == .malformedAnswer)
            #expect(failure.message == "the answer ended after 10 bytes, before it was whole")
            #expect(failure.status == 200 && failure.headers["cf-ray"] == "r1")
        }
    }

    @Test(arguments: [PeerAnswer.End.close, .reset, .linger])
    func `a connection that ends without an answer has failed`(end: PeerAnswer.End) async throws {
        try await withPeer(.answers(PeerAnswer("", then: end))) { peer in
            let failure = try await failure(of: .get(peer.url()))

            #expect(failure.code == .connectionFailed)
            #expect(
                [
                    "the connection to \(peer.host) failed: empty reply from server",
                    "the connection to \(peer.host) failed: connection reset by peer",
                ].contains(failure.message))
            #expect(failure.status == nil)
        }
    }

    @Test(arguments: ["HTTP/1.1 200", "HTTP/1.1 200 OK\r\nContent-Le", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n"])
    func `a connection that ends in the middle of a head has failed`(half: String) async throws {
        try await withPeer(.answers(PeerAnswer(half, then: .close))) { peer in
            let failure = try await failure(of: .get(peer.url()))

            #expect(failure.code == .connectionFailed)
            #expect(
                [
                    "the connection to \(peer.host) failed: it ended in the middle of a head",
                    "the connection to \(peer.host) failed: empty reply from server",
                ].contains(failure.message))
            #expect(failure.status == nil)
        }
    }

    // MARK: - Limits

    @Test func `an answer as long as the limit is read, one that is longer is not`() async throws {
        let answer = PeerAnswer(Self.head(100_000)).with { $0.pieces = 1 }
        try await withPeer(.answers(answer)) { peer in
            let whole = try await reply(to: .get(peer.url()) { $0.answerLimit = 100_000 })
            #expect(whole.body.count == 100_000)

            let failure = try await failure(of: .get(peer.url()) { $0.answerLimit = 99_999 })
            #expect(failure.code == .answerTooLarge)
            #expect(failure.message == "the answer is longer than 99999 bytes")
            #expect(failure.status == 200 && failure.headers["cf-ray"] == "r1")
        }
    }

    @Test func `an answer in chunks that is longer than the limit is not read to its end`() async throws {
        let answer = PeerAnswer("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n").with { $0.chunks = 10_000 }
        try await withPeer(.answers(answer)) { peer in
            let failure = try await failure(of: .get(peer.url()))

            #expect(failure.code == .answerTooLarge)
            #expect(failure.message == "the answer is longer than 1048576 bytes")
            try await peer.next("gone")
        }
    }

    @Test func `the limit holds for the last byte of an answer without a length too`() async throws {
        try await withPeer(.answers(PeerAnswer("HTTP/1.1 200 OK\r\n\r\n12345", then: .close))) { peer in
            let whole = try await reply(to: .get(peer.url()) { $0.answerLimit = 5 })
            #expect(whole.body.count == 5)

            let failure = try await failure(of: .get(peer.url()) { $0.answerLimit = 4 })
            #expect(failure.code == .answerTooLarge)
        }
    }

    @Test func `an answer to HEAD has no body, whatever length it announces`() async throws {
        try await withPeer(.answers(PeerAnswer(Self.head(1 << 30)))) { peer in
            let reply = try await reply(to: HTTPRequest("HEAD", peer.url()))

            #expect(reply.status == 200 && reply.body.isEmpty)
            #expect(reply.headers["content-length"] == "1073741824")
        }
    }
}
