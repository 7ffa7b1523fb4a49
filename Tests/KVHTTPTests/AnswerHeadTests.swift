import KVHTTP
import Testing

@Suite(.timeLimit(.minutes(1))) struct AnswerHeadTests {
    private static let ok = "HTTP/1.1 200 OK\r\n"
    private static let end = "Content-Length: 2\r\n\r\nok"

    /// A head that is too long, with a name that is not.
    struct LongHead: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let text: String

        private static let line = "X-Big: \(String(repeating: "x", count: 1000))\r\n"
        private static let chunked = ok + "Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n"

        private init(_ name: String, _ parts: (String, count: Int)...) {
            testDescription = name
            text = parts.map { String(repeating: $0, count: $1) }.joined()
        }

        static let all = [
            LongHead("one long line", (ok + "X-Big: ", 1), ("x", 400_000), ("\r\n" + end, 1)),
            LongHead("many lines", (ok, 1), (line, 400), (end, 1)),
            LongHead("very many short lines", (ok, 1), ("a:b\r\n", 80_000), (end, 1)),
            LongHead("many interim answers", ("HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n", 10_000), (ok + end, 1)),
            LongHead("a line that goes on", (ok + "X-Big: x", 1), ("\r\n xxxx", 80_000), ("\r\n" + end, 1)),
            LongHead("trailers", (chunked, 1), (line, 400), ("\r\n", 1)),
        ]
    }

    @Test(arguments: LongHead.all) func `a head without an end is not read for ever`(head: LongHead) async throws {
        try await withPeer(.answers(PeerAnswer(head.text))) { peer in
            let failure = try await failure(of: .get(peer.url()))

            #expect(failure.code == .malformedAnswer)
            #expect(failure.message.contains("the headers of the answer"))
            #expect(failure.message.contains(" longer than 307200 bytes") || failure.message.hasSuffix(" are too long"))
        }
    }

    @Test func `a head that is almost too long is read`() async throws {
        let line = "X-Big: \(String(repeating: "x", count: 1000))\r\n"
        try await withPeer(.answers(PeerAnswer(Self.ok + String(repeating: line, count: 300) + Self.end))) { peer in
            let reply = try await reply(to: .get(peer.url()))

            #expect(reply.headers.lines.count == 301)
            #expect(reply.body == Array("ok".utf8))
        }
    }

    @Test(arguments: [
        "Content-Length: 2\r\nContent-Length: 3\r\n\r\nok!", "Content-Length: 3\r\nContent-Length: 2\r\n\r\nok!",
    ])
    func `an answer of two lengths is no answer`(rest: String) async throws {
        try await withPeer(.answers(PeerAnswer(Self.ok + rest, then: .close))) { peer in
            let failure = try await failure(of: .get(peer.url()))

            #expect(failure.code == .malformedAnswer)
            #expect(failure.message == "the answer does not say clearly how long it is")
            #expect(failure.status == 200)
        }
    }

    @Test func `the same length twice is one`() async throws {
        let text = Self.ok + "Content-Length: 2\r\nContent-Length: 2\r\n\r\nok"
        try await withPeer(.answers(PeerAnswer(text))) { peer in
            let reply = try await reply(to: .get(peer.url()))

            #expect(reply.body == Array("ok".utf8) && reply.hasAnnouncedEnd)
        }
    }

    @Test(arguments: ["-5", "+2", "2, 3", "0x2", "two", "99999999999999999999", ""])
    func `a length that is no number is none`(length: String) async throws {
        let text = Self.ok + "Content-Length: \(length)\r\n\r\nok"
        try await withPeer(.answers(PeerAnswer(text, then: .close))) { peer in
            let failure = try await failure(of: .get(peer.url()))

            #expect(failure.code == .malformedAnswer)
        }
    }

    @Test func `a length beside chunks is not believed`() async throws {
        let text = Self.ok + "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nok!\r\n0\r\n\r\n"
        try await withPeer(.answers(PeerAnswer(text))) { peer in
            let reply = try await reply(to: .get(peer.url()))

            #expect(reply.body == Array("ok!".utf8) && reply.hasAnnouncedEnd)
        }
    }

    @Test func `a header that goes over several lines ends with the first`() async throws {
        let text = Self.ok + "X-A: one\r\n two\r\n\tthree\r\nX-B: 1\r\n" + Self.end
        try await withPeer(.answers(PeerAnswer(text))) { peer in
            let reply = try await reply(to: .get(peer.url()))

            #expect(reply.headers["x-a"] == "one" && reply.headers["x-b"] == "1")
            #expect(reply.headers.lines.count == 3)
        }
    }

    @Test(arguments: ["hello, this is no HTTP\r\n\r\n", "SSH-2.0-OpenSSH_9.2\r\n", "HTTP/1.1 two hundred\r\n\r\n"])
    func `what is not HTTP is said to be so`(text: String) async throws {
        try await withPeer(.answers(PeerAnswer(text, then: .close))) { peer in
            let failure = try await failure(of: .get(peer.url()))

            #expect(failure.code == .malformedAnswer)
            #expect(failure.message == "\(peer.host) does not answer in HTTP")
        }
    }
}
