import Foundation
import Glibc
import KVHTTP
import Testing

/// All deadlines are far away: what ends soon ends because it was cancelled.
@Suite(.timeLimit(.minutes(1))) struct CancellationTests {
    /// Cancels a request when it has come to a point.
    private func expectCancelled(
        _ request: HTTPRequest, _ http: HTTPClient, at point: () async throws -> Void
    ) async throws {
        let task = Task { try await http.send(request) }
        try await point()
        let start = ContinuousClock.now
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(ContinuousClock.now - start < .seconds(15))
    }

    @Test func `a request of a cancelled task is not sent`() async throws {
        try await withPeer(.fine) { peer in
            try await withHTTPClient(.with()) { http in
                let task = Task {
                    withUnsafeCurrentTask { $0?.cancel() }
                    return try await http.send(.get(peer.url()))
                }
                await #expect(throws: CancellationError.self) { try await task.value }
            }
            #expect(try await peer.counts().connections == 0)
        }
    }

    @Test func `a request that waits for a place can be cancelled, and those behind it come`() async throws {
        try await withPeer(.answers(PeerAnswer().with { $0.waits = true })) { peer in
            try await withHTTPClient(.with { $0.maximumConnections = 1 }) { http in
                async let first = http.send(.get(peer.url("/first")))
                try await peer.next("head")
                try await expectCancelled(.get(peer.url("/second")), http) {
                    // Long enough to be put in the queue, where no event tells of it.
                    try await Task.sleep(for: .milliseconds(50))
                }
                async let third = http.send(.get(peer.url("/third")))
                try peer.openGate()

                #expect(try await first.status == 200)
                #expect(try await third.status == 200)
                #expect(try #require(try await peer.next("head").text).hasPrefix("GET /third "))
                #expect(try await peer.counts().requests == 2)
            }
        }
    }

    @Test func `the look-up of a name can be cancelled`() async throws {
        await #expect(processExitsWith: .success) {
            let gate = try NameGate()
            try await withHTTPClient(.with()) { http in
                let task = Task { try await http.send(.get(NameGate.url)) }
                try await gate.asked()
                task.cancel()
                await #expect(throws: CancellationError.self) { try await task.value }
            }
        }
    }

    @Test func `connecting can be cancelled`() async throws {
        try await withPeer(PeerPlan(mode: "full")) { peer in
            try await withHTTPClient(.with()) { http in
                let before = try connecting(to: peer.port)
                try await expectCancelled(.get(peer.url()), http) {
                    try await eventually { try connecting(to: peer.port) > before }
                }
            }
        }
    }

    /// How many sockets wait for the answer of a port.
    private func connecting(to port: Int) throws -> Int {
        let target = "0100007F:" + String(format: "%04X", port)
        // Comes in pieces, of which the first is not all.
        guard let file = fopen("/proc/net/tcp", "r") else { throw PeerProcess.Failure(description: "no /proc/net/tcp") }
        defer { fclose(file) }
        var text: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 65_536)
        while case let count = fread(&piece, 1, piece.count, file), count > 0 { text += piece[..<count] }
        return String(decoding: text, as: UTF8.self).split(separator: "\n").count {
            let fields = $0.split(separator: " ")
            // 02 is SYN_SENT.
            return fields.count > 3 && fields[2] == target && fields[3] == "02"
        }
    }

    @Test func `a handshake can be cancelled`() async throws {
        try await withPeer(.mute) { peer in
            try await withHTTPClient(.with()) { http in
                try await expectCancelled(.get(peer.url(scheme: "https")), http) { try await peer.next("connected") }
                try await peer.next("gone")
            }
        }
    }

    @Test func `waiting for a proxy can be cancelled`() async throws {
        try await withPeer(PeerPlan(mode: "proxy", then: .hold)) { proxy in
            let options = HTTPOptions.with { $0.proxy = .init(host: "127.0.0.1", port: proxy.port) }
            try await withHTTPClient(options) { http in
                try await expectCancelled(.get("https://elsewhere.test/"), http) { try await proxy.next("head") }
                try await proxy.next("gone")
            }
        }
    }

    @Test func `waiting for the permission to send can be cancelled`() async throws {
        try await withPeer(.answers(PeerAnswer.silence.with { $0.read = 0 })) { peer in
            let body = [UInt8](repeating: 1, count: 5_000_000)
            try await withHTTPClient(.with { $0.expectTimeout = .seconds(40) }) { http in
                try await expectCancelled(.put(peer.url(), body), http) { try await peer.next("sent") }
                try await peer.next("gone")
            }
        }
    }

    @Test(arguments: [nil, "good"]) func `sending can be cancelled`(tls: String?) async throws {
        let answer = PeerAnswer("", then: .stopReading).with { $0.read = 1_000_000 }
        try await withPeer(.answers(answer, tls: tls)) { peer in
            let body = [UInt8](repeating: 1, count: 50_000_000)
            try await withHTTPClient(.trusting()) { http in
                try await expectCancelled(.put(peer.url(), body), http) { try await peer.next("sent") }
            }
            try peer.openGate()
            try await peer.next("closed")
        }
    }

    @Test(arguments: [nil, "good"]) func `waiting for an answer can be cancelled`(tls: String?) async throws {
        try await withPeer(.answers(.silence, tls: tls)) { peer in
            try await withHTTPClient(.trusting()) { http in
                try await expectCancelled(.get(peer.url()), http) { try await peer.next("sent") }
                try await peer.next("gone")
            }
        }
    }

    @Test(arguments: [nil, "good"]) func `reading can be cancelled`(tls: String?) async throws {
        let half = PeerAnswer("HTTP/1.1 200 OK\r\nContent-Length: 200000\r\n\r\n", then: .hold).with { $0.pieces = 1 }
        try await withPeer(.answers(half, tls: tls)) { peer in
            try await withHTTPClient(.trusting()) { http in
                try await expectCancelled(.get(peer.url()), http) { try await peer.next("sent") }
                try await peer.next("gone")
            }
        }
    }

    @Test func `a cancelled request leaves the others alone`() async throws {
        try await withPeer(.answers(PeerAnswer().with { $0.waits = true })) { peer in
            try await withHTTPClient(.with()) { http in
                async let other = http.send(.get(peer.url()))
                try await peer.next("head")
                try await expectCancelled(.get(peer.url()), http) { try await peer.next("head") }
                try peer.openGate()
                #expect(try await other.status == 200)
            }
        }
    }

    @Test func `the end of a client ends what is still on its way`() async throws {
        try await withPeer(.answers(.silence)) { peer in
            let tasks = try await withHTTPClient(.with { $0.maximumConnections = 2 }) { http in
                let tasks = (0..<4).map { _ in Task { try await http.send(.get(peer.url())) } }
                for _ in 0..<2 { try await peer.next("head") }
                return tasks
            }
            for task in tasks { await #expect(throws: CancellationError.self) { try await task.value } }
            for _ in 0..<2 { try await peer.next("gone") }
        }
    }

    @Test func `a client that is kept too long sends nothing`() async throws {
        try await withPeer(.fine) { peer in
            let used = try await withHTTPClient(.with()) { http in
                _ = try await http.send(.get(peer.url()))
                return http
            }
            let unused = try await withHTTPClient(.with()) { $0 }
            for http in [used, unused] {
                await #expect(throws: CancellationError.self) { try await http.send(.get(peer.url())) }
            }
            #expect(try await peer.counts().requests == 1)
        }
    }

    @Test func `what the body of a client throws comes out, and its connections end`() async throws {
        struct Mine: Error {}
        try await withPeer(.fine) { peer in
            await #expect(throws: Mine.self) {
                try await withHTTPClient(.with()) { http in
                    _ = try await http.send(.get(peer.url()))
                    throw Mine()
                }
            }
            try await peer.next("gone")
        }
    }
}
