import Glibc
import KVHTTP
import Testing

@Suite(.timeLimit(.minutes(1))) struct ProxyTests {
    private func through(_ proxy: Peer, _ login: HTTPOptions.Login? = nil) async throws -> HTTPOptions {
        try await .trusting { $0.proxy = .init(host: "127.0.0.1", port: proxy.port, login: login) }
    }

    @Test func `a server is reached through a proxy, which gets nothing of the request`() async throws {
        try await withPeer(PeerPlan(mode: "proxy")) { proxy in
            try await withPeer(PeerPlan(tls: "good")) { peer in
                let request = HTTPRequest.get(peer.url("/secret")) {
                    $0.headers = [("Authorization", "Bearer token"), ("X-Mine", "1")]
                }
                let login = HTTPOptions.Login(user: "user", password: "pass:word")
                let reply = try await reply(to: request, through(proxy, login))

                #expect(reply.status == 200)
                #expect(reply.headers["x-proxy"] == nil)
                let asked = try #require(try await proxy.next("head").text)
                #expect(asked.hasPrefix("CONNECT \(peer.host) HTTP/1.1\r\n"))
                // "user:pass:word" in base64.
                #expect(asked.contains("\r\nProxy-Authorization: Basic dXNlcjpwYXNzOndvcmQ="))
                #expect(!asked.contains("token") && !asked.contains("secret") && !asked.contains("X-Mine"))
                let head = try #require(try await peer.next("head").text)
                #expect(head.contains("\r\nAuthorization: Bearer token") && !head.contains("Proxy-"))
            }
        }
    }

    @Test func `a server without TLS is asked for by its whole address`() async throws {
        let plan = PeerPlan(mode: "proxy", text: "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nvia proxy")
        try await withPeer(plan) { proxy in
            let login = HTTPOptions.Login(user: "user", password: "word")
            let reply = try await reply(to: .get("http://elsewhere.test/a/../b"), through(proxy, login))

            #expect(reply.body == Array("via proxy".utf8))
            let asked = try #require(try await proxy.next("head").text)
            #expect(asked.hasPrefix("GET http://elsewhere.test/a/../b HTTP/1.1\r\n"))
            #expect(asked.contains("\r\nProxy-Authorization: Basic "))
        }
    }

    @Test(arguments: [403, 407, 502])
    func `a proxy that refuses is named with its status`(status: Int) async throws {
        let text = "HTTP/1.1 \(status) No\r\nProxy-Authenticate: Basic realm=\"p\"\r\nContent-Length: 0\r\n\r\n"
        try await withPeer(PeerPlan(mode: "proxy", text: text)) { proxy in
            let failure = try await failure(of: .get("https://elsewhere.test/"), through(proxy))

            #expect(failure.code == .connectionFailed)
            #expect(failure.message == "the proxy refuses a connection to elsewhere.test with status \(status)")
            #expect(failure.status == nil)
            #expect(try await proxy.counts().requests == 1)
        }
    }

    @Test func `a proxy that says nothing is given up`() async throws {
        try await withPeer(PeerPlan(mode: "proxy", then: .hold)) { proxy in
            var options = try await through(proxy)
            options.connectTimeout = .milliseconds(300)
            let failure = try await failure(of: .get("https://elsewhere.test/"), options)

            #expect(failure.code == .timedOut)
            #expect(failure.message == "elsewhere.test cannot be connected to in time")
        }
    }

    @Test func `a proxy that hangs up has failed`() async throws {
        try await withPeer(PeerPlan(mode: "proxy", text: "")) { proxy in
            let failure = try await failure(of: .get("https://elsewhere.test/"), through(proxy))

            #expect(failure.code == .connectionFailed)
            #expect(failure.message.hasPrefix("the connection to elsewhere.test failed: "))
        }
    }

    @Test(arguments: ["http", "https"])
    func `a proxy that is not there is named`(scheme: String) async throws {
        try await withPeer(PeerPlan(mode: "refuse")) { proxy in
            let failure = try await failure(of: .get("\(scheme)://elsewhere.test/"), through(proxy))

            #expect(failure.code == .connectionFailed)
            #expect(failure.message == "cannot connect to the proxy \(proxy.host): connection refused")
        }
    }

    @Test func `a proxy whose name has no address is named`() async throws {
        let host = String(repeating: "u", count: 64) + ".invalid"
        let failure = try await failure(
            of: .get("https://elsewhere.test/"), .with { $0.proxy = .init(host: host, port: 81) })

        #expect(failure.code == .connectionFailed)
        #expect(failure.message == "cannot connect to the proxy \(host):81: could not resolve proxy")
    }

    @Test func `a bad certificate behind a proxy is as bad`() async throws {
        try await withPeer(PeerPlan(mode: "proxy")) { proxy in
            try await withPeer(PeerPlan(tls: "expired")) { peer in
                let failure = try await failure(of: .get(peer.url()), through(proxy))

                #expect(failure.code == .tlsFailed)
                #expect(failure.message.hasSuffix("its certificate has expired"))
            }
        }
    }

    @Test(arguments: [
        ("", 80), ("a b", 80), ("a/b", 80), ("user@host", 80), ("host", 0), ("host", 65_536), ("a\r\nb", 80),
        ("h#", 80),
    ])
    func `a proxy without an address that can be used is refused`(host: String, port: Int) async throws {
        let failure = try await failure(
            of: .get("http://127.0.0.1:1/"), .with { $0.proxy = .init(host: host, port: port) })

        #expect(failure.code == .invalidRequest)
    }

    @Test func `the environment is not asked for a proxy`() async throws {
        try await withPeer(PeerPlan(mode: "refuse")) { proxy in
            try await withPeer(.fine) { peer in
                let (proxy, url) = (proxy.url(), peer.url())
                await #expect(processExitsWith: .success) { [proxy = proxy as String, url = url as String] in
                    for name in ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"] { setenv(name, proxy, 1) }
                    let reply = try await reply(to: .get(url))
                    #expect(reply.status == 200)
                }
            }
        }
    }

    @Test func `a password is not shown`() {
        let options = HTTPOptions.with {
            $0.proxy = .init(host: "h", port: 1, login: .init(user: "user", password: "word"))
        }

        var dumped = ""
        dump(options, to: &dumped)
        for text in ["\(options)", String(reflecting: options), dumped] {
            #expect(!text.contains("word") && !text.contains("user:"))
        }
    }
}
