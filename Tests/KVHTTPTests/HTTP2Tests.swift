import Foundation
import KVHTTP
import Testing

@Suite(.timeLimit(.minutes(1))) struct HTTP2Tests {
    private func options() async throws -> HTTPOptions { try await .trusting { $0.allowsHTTP2 = true } }

    @Test func `requests share a connection, and their ends are announced`() async throws {
        try await withPeer(PeerPlan(mode: "http2", tls: "good")) { peer in
            var options = try await options()
            // As many as the library sends over a connection before it knows what the server takes.
            options.maximumConnections = 100
            try await withHTTPClient(options) { http in
                try await withThrowingTaskGroup { group in
                    for _ in 0..<200 { group.addTask { try await http.send(.get(peer.url())) } }
                    for try await reply in group {
                        #expect(reply.status == 200 && reply.body == Array("ok".utf8) && reply.hasAnnouncedEnd)
                    }
                }
            }
            let counts = try await peer.counts()
            #expect(counts.connections == 1 && counts.requests == 200)
        }
    }

    @Test func `HTTP 1 is spoken unless the options say otherwise`() async throws {
        try await withPeer(PeerPlan(tls: "good")) { peer in
            let reply = try await reply(to: .get(peer.url()), options())
            #expect(reply.status == 200)
        }
        try await withPeer(PeerPlan(mode: "http2", tls: "good")) { peer in
            let failure = try await failure(of: .get(peer.url()) { $0.stallTimeout = .seconds(1) }, .trusting())
            #expect(failure.status == nil)
        }
    }

    @Test(arguments: ["GET", "PUT"])
    func `a connection that says goodbye costs failures that may be tried again`(method: String) async throws {
        let count = 3_000
        try await withPeer(PeerPlan(mode: "http2", tls: "good", quiet: true, streams: 40)) { peer in
            let failures = try await withHTTPClient(options()) { http in
                try await withThrowingTaskGroup(of: Int.self) { group in
                    for worker in 0..<32 {
                        group.addTask {
                            var failures = 0
                            for _ in stride(from: worker, to: count, by: 32) {
                                failures += try await send(method, peer, http)
                            }
                            return failures
                        }
                    }
                    return try await group.reduce(0, +)
                }
            }

            let counts = try await peer.counts()
            let (taken, refused) = try (#require(counts.requests), #require(counts.refused))
            // Nothing was sent but what was counted here.
            #expect(taken >= count && taken + refused <= count + failures)
            // A body that has not come yet may be lost with a connection that says goodbye; other requests may not.
            #expect(method == "PUT" || taken == count)
            #expect(failures < count && failures > 0)
            #expect(try #require(counts.connections) >= count / 40)
        }
    }

    /// Sends a request until it is answered; returns how often it failed.
    private func send(_ method: String, _ peer: Peer, _ http: HTTPClient) async throws -> Int {
        for failures in 0..<100 {
            do {
                let body: HTTPBody? = method == "PUT" ? .bytes([1, 2, 3]) : nil
                let reply = try await http.send(HTTPRequest(method, peer.url(), body: body))
                #expect(reply.status == 200 && reply.timesSent == 1)
                return failures
            } catch let failure as HTTPFailure {
                // A connection that breaks while the answer comes costs the answer (seen with libcurl 8.14).
                let isBroken = failure.code == .connectionFailed || failure.code == .malformedAnswer
                guard isBroken, !failure.description.contains("tried") else { throw failure }
            }
        }
        throw PeerProcess.Failure(description: "a request failed a hundred times")
    }

    @Test func `a cancelled request leaves the others of its connection alone`() async throws {
        try await withNghttpd { url in
            try await withHTTPClient(options()) { http in
                for round in 0..<20 {
                    let body = HTTPBody.bytes([UInt8](repeating: UInt8(round), count: 300_000))
                    let victim = Task { try await http.send(HTTPRequest("PUT", url + "/a", body: body)) }
                    async let other = http.send(HTTPRequest("PUT", url + "/b", body: body))
                    await Task.yield()
                    victim.cancel()
                    #expect(try await other.status == 200)
                    do { _ = try await victim.value } catch is CancellationError {}
                }
            }
        }
    }

    @Test func `a server of another make gives back what it gets`() async throws {
        let bytes = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        try await withNghttpd { url in
            try await withHTTPClient(options()) { http in
                for body in [bytes, Array(bytes.prefix(40_000)), Array(bytes.prefix(10))] {
                    let request = HTTPRequest.put(url + "/echo", body) { $0.answerLimit = 4_000_000 }
                    let reply = try await http.send(request)
                    #expect(reply.status == 200 && reply.hasAnnouncedEnd && reply.body == body)
                }
                let failure = try await http.failure(of: .put(url + "/echo", bytes))
                #expect(failure.code == .answerTooLarge)
                #expect(try await http.send(.get(url + "/nothing")).status == 404)
            }
        }
    }

    /// Lends nghttpd, which gives back what is put.
    private func withNghttpd(_ body: (String) async throws -> Void) async throws {
        let peers = try await PeerProcess.shared.value
        // A port that was free a moment ago.
        let port = try await withPeer(PeerPlan(mode: "refuse")) { $0.port }
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [
            "nghttpd", "--echo-upload", "-d", peers.folder, "-a", "127.0.0.1", "\(port)", "\(peers.folder)/server.key",
            peers.certificate("good"),
        ]
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        // A signal that may be blocked would not end it.
        defer { kill(process.processIdentifier, SIGKILL) }
        let url = "https://127.0.0.1:\(port)"
        try await withHTTPClient(options()) { http in
            try await eventually {
                do {
                    return try await http.send(.get(url + "/")).status > 0
                } catch HTTPFailure.Code.connectionFailed where process.isRunning {
                    return false
                }
            }
        }
        try await body(url)
    }
}
