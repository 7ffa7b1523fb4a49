import KVHTTP
import Testing

@Suite(.timeLimit(.minutes(1))) struct RequestTests {
    /// The head that a server gets, line by line.
    private func head(of request: (Peer) -> HTTPRequest) async throws -> [String] {
        try await withPeer(.fine) { peer in
            _ = try await reply(to: request(peer))
            return try #require(try await peer.next("head").text).split(separator: "\r\n").map(String.init)
        }
    }

    @Test(arguments: [
        "/a/../b/./c/..", "/%2e%2E/%2F", "/a//b", "/?a=b&c=../d", "/values/a%20b?x=%3F#", "/;p=1/~a!$&'()*+,=:@",
    ])
    func `a path arrives as it is`(path: String) async throws {
        let head = try await head { .get($0.url(path)) }

        let withoutFragment = path.prefix { $0 != "#" }
        #expect(head.first == "GET \(withoutFragment) HTTP/1.1")
    }

    @Test func `headers arrive as they are, in their order`() async throws {
        let headers = [
            ("Authorization", "Bearer a b"), ("X-Empty", ""), ("X-Blank", " \t"), ("X-Umlaut", "ä"), ("X-Tab", "a\tb"),
            ("Accept", "application/json"), ("x-colon", "a: b;"),
        ]
        let head = try await head { .get($0.url()) { $0.headers = headers } }

        #expect(
            head.dropFirst(2) == [
                "Authorization: Bearer a b", "X-Empty:", "X-Blank:", "X-Umlaut: Ã¤", "X-Tab: a\tb",
                "Accept: application/json", "x-colon: a: b;",
            ])
    }

    @Test(arguments: ["\r", "\n", "\r\nX-Other: 1", "\0", "\u{1}", "\u{7F}", "\u{1F}"])
    func `a control character in a header is refused before anything is sent`(text: String) async throws {
        for headers in [[("X-Key", "a\(text)b")], [("X\(text)Key", "a")], [("X-Key", text)]] {
            try await refused("http://127.0.0.1:1/", headers)
        }
    }

    @Test(arguments: ["", "X Key", "X-Key:", "Ä", "(x)", "Content-Length", "transfer-encoding", "EXPECT"])
    func `a header's name that cannot be one, or is not for callers, is refused`(name: String) async throws {
        try await refused("http://127.0.0.1:1/", [(name, "1")])
    }

    @Test(arguments: [
        "http://user:s3cret@127.0.0.1:1/", "http://user@127.0.0.1:1/", "https://:p@127.0.0.1:1/",
        "http://127.0.0.1:1@127.0.0.1:2/", "ftp://127.0.0.1/", "file:///etc/passwd", "127.0.0.1:1/", "http:///a",
        "http://",
        "http://127.0.0.1:1/a b", "http://127.0.0.1:1/a\r\nX-Other: 1", "http://127.0.0.1:1/a\0b", "",
        "http://127.0.0.1:99999/", "http://127.0.0.1:port/", "http://[::1/", "gopher://127.0.0.1:1/",
    ])
    func `an address that is not one, or holds a password, is refused before anything is sent`(url: String) async throws
    {
        let failure = try await refused(url)

        #expect(!failure.description.contains("s3cret"))
    }

    @Test(arguments: ["", "GET ", "G\r\nET", "GET / HTTP/1.1\r\n", "Ä"])
    func `a method that is none is refused`(method: String) async throws {
        let failure = try await failure(of: HTTPRequest(method, "http://127.0.0.1:1/"))

        #expect(failure.code == .invalidRequest)
    }

    @discardableResult private func refused(
        _ url: String, _ headers: [(String, String)] = []
    ) async throws -> HTTPFailure {
        let failure = try await failure(of: .get(url) { $0.headers = headers })
        #expect(failure.code == .invalidRequest)
        return failure
    }

    @Test(arguments: ["DELETE", "GET", "HEAD", "OPTIONS"])
    func `a method without a body announces none`(method: String) async throws {
        let head = try await head { HTTPRequest(method, $0.url()) }

        #expect(head.first == "\(method) / HTTP/1.1")
        #expect(!head.contains { $0.lowercased().hasPrefix("content-") || $0.hasPrefix("Transfer-Encoding") })
    }

    @Test(arguments: ["PUT", "POST", "PATCH"])
    func `a method for a body says that it is empty`(method: String) async throws {
        let head = try await head { HTTPRequest(method, $0.url()) }

        #expect(head.first == "\(method) / HTTP/1.1")
        #expect(head.contains("Content-Length: 0"))
        #expect(!head.contains { $0.hasPrefix("Content-Type") })
    }

    @Test func `a body may go with any method, and has the type that the caller names`() async throws {
        for method in ["DELETE", "GET", "PUT", "POST"] {
            let head = try await head {
                HTTPRequest(method, $0.url(), body: .bytes([1, 2])) { $0.headers = [("Content-Type", "a/b")] }
            }

            #expect(head.first == "\(method) / HTTP/1.1")
            #expect(head.contains("Content-Length: 2") && head.contains("Content-Type: a/b"))
        }
    }

    @Test func `words of a failure hold nothing of the request but the host`() async throws {
        let request = HTTPRequest.put("http://127.0.0.1:1/secret?secret", Array("secret".utf8)) {
            $0.headers = [("Authorization", "secret")]
        }
        let failure = try await failure(of: request)

        #expect(failure.code == .connectionFailed)
        #expect(!String(reflecting: failure).contains("secret"))
    }
}
