import Glibc
import KVTestSupport
import Synchronization
import Testing
import WorkersKV

/// What the client makes of connections: which it uses again, and that it counts all that goes over them.
@Suite struct ConnectionTests {
    @Test func `a new namespace gets a connection of its own, all else shares one`() async throws {
        try await withScriptedClient { request, _ in
            request.method == "POST" ? .success(#"{"id":"\#(someNamespace)","title":"t"}"#) : .success("[]")
        } _: { client, server in
            _ = try await client.namespaces()
            _ = try await client.namespaces()
            _ = try await client.createNamespace(title: "t")
            #expect(server.requests.map(\.connection) == [0, 0, 1])
        }
    }

    @Test func `a namespace is not made twice when the connection ends without an answer`() async throws {
        try await withScriptedClient { request, _ in
            request.method == "POST" ? .bytesThenClose([]) : .success("[]")
        } _: { client, server in
            // A connection that the request could have used.
            _ = try await client.namespaces()
            let error = await kvError { _ = try await client.createNamespace(title: "t") }
            #expect(error?.code == .connectionFailed)
            #expect(server.requests.filter { $0.method == "POST" }.count == 1)
            #expect(client.statistics.requests[.namespaceCreate] == 1)
        }
    }

    @Test func `a request that a dead connection swallowed is sent again by the policy, which counts`() async throws {
        try await withScriptedClient { _, index in
            index == 1 ? .bytesThenClose([]) : .success("[]")
        } _: { client, server in
            _ = try await client.namespaces()
            _ = try await client.namespaces()
            #expect(server.requests.prefix(2).allSatisfy { $0.connection == 0 })
            #expect(server.requests.count == 3)
            #expect(client.statistics.requests == [.namespaceList: 3])
            #expect(client.statistics.retriesByCause == ["connection-failed": 1])
        }
    }

    @Test func `a request that was refused only for its question is sent once more, and counted`() async throws {
        let value = [UInt8](repeating: 0x61, count: (1 << 20) + 1)
        try await withScriptedClient(refusesQuestions: true) { _, _ in
            .success()
        } _: { client, server in
            try await client.write(value, to: "a", in: someNamespace)
            try await client.write(value, to: "b", in: someNamespace)
            #expect(server.requests.map { $0.headers["expect"] } == ["100-continue", nil, nil])
            #expect(server.requests.map(\.body) == [[], value, value])
            #expect(client.statistics.requests == [.valuePut: 3])
            #expect(client.statistics.retriesByCause == ["refused": 1])
        }
    }

    @Test func `a file of certificates that cannot be read is named, and nothing is sent`() async throws {
        try await withScriptedClient {
            $0.baseURL = $0.baseURL.replacing("http:", with: "https:")
            $0.certificateFile = "/nowhere/authority.pem"
        } answer: { _, _ in
            .silence
        } _: { client, server in
            let error = await kvError { _ = try await client.namespaces() }
            #expect(error?.code == .tlsFailed)
            #expect(error?.description.contains("/nowhere/authority.pem") == true)
            #expect(server.requests.allSatisfy { $0.method == "TLS" }, "at most a handshake was begun")
        }
    }

    @Test func `a proxy is asked for the connection with its login, and does not get the token`() async throws {
        try await ScriptedServer.withServer({ _, _ in .http(407, "") }) { proxy in
            let environment = [
                "CLOUDFLARE_API_TOKEN": someToken, "CLOUDFLARE_ACCOUNT_ID": "a",
                "HTTPS_PROXY": "http://user:secret@127.0.0.1:\(proxy.port)",
            ]
            var options = try KVClientOptions.fromEnvironment(environment)
            options.retryPolicy.maximumAttempts = 1
            let error = try await withKVClient(options) { client in
                await kvError { _ = try await client.namespaces() }
            }
            #expect(error?.code == .connectionFailed)
            #expect(error?.description.contains("407") == true)
            let request = try #require(proxy.requests.first)
            #expect(request.method == "CONNECT")
            #expect(request.target == "api.cloudflare.com:443")
            #expect(request.headers["proxy-authorization"] == "Basic dXNlcjpzZWNyZXQ=")
            #expect(request.headers["authorization"] == nil)
        }
    }

    @Test func `a write to a connection that is closed does not end a process that has a client`() async {
        await #expect(processExitsWith: .success) {
            try await withScriptedClient { _, _ in
                .success("[]")
            } _: { client, _ in
                _ = try await client.namespaces()
                raiseBrokenPipe()
            }
        }
    }

    @Test func `a process that handles SIGPIPE itself goes on doing so`() async {
        await #expect(processExitsWith: .exitCode(7)) {
            signal(SIGPIPE) { _ in _exit(7) }
            try await withScriptedClient { _, _ in
                .success("[]")
            } _: { client, _ in
                _ = try await client.namespaces()
                raiseBrokenPipe()
            }
        }
    }
}

/// Does what the kernel does to a thread that writes to a closed connection.
private func raiseBrokenPipe() {
    // The threads on which tasks run block signals; the library's own thread need not.
    var set = sigset_t()
    sigemptyset(&set)
    sigaddset(&set, SIGPIPE)
    pthread_sigmask(SIG_UNBLOCK, &set, nil)
    raise(SIGPIPE)
}

@Suite struct ClientLogTests {
    @Test func `a repetition is written to the log with its facts`() async throws {
        let log = Lines()
        try await withScriptedClient {
            $0.logger = log
        } answer: { _, index in
            index == 0 ? .failure(500, code: 10000, "oh", headers: ["cf-ray": "8f00-TST"]) : .success("[]")
        } _: { client, _ in
            _ = try await client.namespaces()
        }
        let line = try #require(log.lines.first)
        #expect(log.lines.count == 1)
        #expect(line.level == .debug)
        #expect(line.message == "request is sent again")
        #expect(line.members.map(\.name) == ["request", "attempt", "pause", "code", "cf-ray"])
        let facts = line.members.filter { $0.name != "pause" }.map(\.value)
        #expect(facts == ["namespace-list", "1", "server-failed", "8f00-TST"])
    }

    /// Keeps what is written.
    private final class Lines: ClientLog {
        private let state = Mutex(
            [(level: ClientLogLevel, message: String, members: [(name: String, value: String)])]())

        var lines: [(level: ClientLogLevel, message: String, members: [(name: String, value: String)])] {
            state.withLock { $0 }
        }

        func write(_ level: ClientLogLevel, _ message: StaticString, _ members: [(name: String, value: String)]) {
            state.withLock { $0.append((level, message.description, members)) }
        }
    }
}
