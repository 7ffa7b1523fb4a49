/// What a server of `Tests/HTTPPeers` does.
struct PeerPlan: Encodable, Sendable {
    /// `http`, `mute`, `blurt`, `proxy`, `http2`; `full` for a port at which nobody takes connections, or `refuse` for one at
    /// which nobody listens.
    var mode = "http"
    /// The name of the certificate, if TLS is spoken.
    var tls: String?
    /// Whether only a version of TLS is spoken that is out of use.
    var isOld: Bool?
    /// What requests get, one after the other, and the last for all that follow; `ok` unless given.
    var answers: [PeerAnswer]?
    /// Whether `Expect: 100-continue` is answered with 417.
    var refusesQuestion: Bool?
    /// Whether little can be on its way to the server that it has not read.
    var hasSmallBuffer: Bool?
    /// Whether only counts are kept.
    var quiet: Bool?
    /// How many streams of HTTP/2 a connection takes.
    var streams: Int?
    /// What a proxy says to CONNECT before it closes; what is blurted out.
    var text: String?
    /// `hold` for a proxy that says nothing.
    var then: PeerAnswer.End?

    /// A server that answers `ok` to everything.
    static let fine = PeerPlan()

    /// A server that takes connections and says nothing.
    static let mute = PeerPlan(mode: "mute")

    /// A server with answers, over TLS if it has a certificate.
    static func answers(_ answers: PeerAnswer..., tls: String? = nil) -> PeerPlan {
        PeerPlan(tls: tls, answers: answers)
    }
}

/// One answer of a server.
struct PeerAnswer: Encodable, Sendable, ExpressibleByStringLiteral {
    /// The bytes, as Latin-1; a good answer unless given.
    var text: String?
    /// How much of the request's body is read before it; all unless given.
    var read: Int?
    /// Whether the body is read at no more than a megabyte a second.
    var readsSlowly: Bool?
    /// Whether the body is read without that it was said that it may be sent.
    var ignoresQuestion: Bool?
    /// Whether the answer waits until the test opens the gate.
    var waits: Bool?
    /// How many pieces of 100,000 bytes follow the text.
    var pieces: Int?
    /// How many chunks of 100,000 bytes follow the text.
    var chunks: Int?
    /// Whether single bytes follow, for ever.
    var trickles: Bool?
    /// What comes then.
    var then: End?

    /// What happens to the connection after an answer.
    enum End: String, Encodable, Sendable {
        case keep, close, reset
        /// Nothing more is sent.
        case hold
        /// It is closed when the test opens the gate.
        case closeLater = "close-later"
        /// The sending side is closed, and what comes is read.
        case linger
        /// It stays, and nothing is read, until the test opens the gate.
        case stopReading = "stop-reading"
    }

    init(_ text: String? = nil, then: End? = nil) {
        self.text = text
        self.then = then
    }

    init(stringLiteral text: String) { self.text = text }

    /// No answer at all.
    static let silence = PeerAnswer("", then: .hold)
    /// The connection ends without an answer.
    static let death = PeerAnswer("", then: .close)

    /// An answer with a status and a short body, with lines of headers besides.
    static func status(_ status: Int, _ lines: String..., then: End = .keep) -> PeerAnswer {
        let head = ["HTTP/1.1 \(status) Some", "Content-Length: 5"] + lines
        return PeerAnswer(head.joined(separator: "\r\n") + "\r\n\r\nlater", then: then)
    }

    /// The same answer with something changed.
    func with(_ change: (inout PeerAnswer) -> Void) -> PeerAnswer {
        var answer = self
        change(&answer)
        return answer
    }
}
