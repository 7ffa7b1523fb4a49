import Foundation
import Glibc
import KVHTTP
import Testing

@Suite(.timeLimit(.minutes(1))) struct PoolTests {
    @Test(arguments: [nil, "good"]) func `a connection is used again`(tls: String?) async throws {
        try await withPeer(PeerPlan(tls: tls)) { peer in
            try await withHTTPClient(.trusting()) { http in
                for number in 0..<50 {
                    let body: HTTPBody? = number % 2 == 0 ? nil : .bytes([1, 2])
                    _ = try await http.send(HTTPRequest(body == nil ? "GET" : "PUT", peer.url(), body: body))
                }
            }
            let counts = try await peer.counts()
            #expect(counts.connections == 1 && counts.requests == 50)
        }
    }

    @Test func `refusals and empty answers do not cost a connection`() async throws {
        let answers: PeerPlan = .answers(
            .status(404), .status(429), "HTTP/1.1 204 No Content\r\n\r\n", .status(500),
            "HTTP/1.1 304 Not Modified\r\n\r\n", PeerAnswer())
        try await withPeer(answers) { peer in
            try await withHTTPClient(.with()) { http in
                for status in [404, 429, 204, 500, 304, 200] {
                    let reply = try await http.send(.get(peer.url()))
                    #expect(reply.status == status)
                }
            }
            #expect(try await peer.counts().connections == 1)
        }
    }

    @Test(arguments: [1, 3, 16]) func `there are never more connections than allowed`(limit: Int) async throws {
        try await withPeer(PeerPlan(quiet: true)) { peer in
            try await withHTTPClient(.with { $0.maximumConnections = limit }) { http in
                try await withThrowingTaskGroup { group in
                    for _ in 0..<300 { group.addTask { try await http.send(.get(peer.url())) } }
                    for try await reply in group { #expect(reply.status == 200) }
                }
            }
            let counts = try await peer.counts()
            #expect(try #require(counts.most) <= limit && counts.requests == 300)
        }
    }

    @Test func `as many as are allowed are on their way at the same time`() async throws {
        try await withPeer(.answers(PeerAnswer().with { $0.waits = true })) { peer in
            try await withHTTPClient(.with { $0.maximumConnections = 20 }) { http in
                try await withThrowingTaskGroup { group in
                    for _ in 0..<20 { group.addTask { try await http.send(.get(peer.url())) } }
                    // All of them are there before the first is answered.
                    for _ in 0..<20 { try await peer.next("head") }
                    try peer.openGate()
                    for try await reply in group { #expect(reply.status == 200) }
                }
            }
        }
    }

    @Test func `what follows an answer is not the next one`() async throws {
        let answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"
        try await withPeer(.answers(PeerAnswer(answer + "ok" + answer + "no"), PeerAnswer())) { peer in
            try await withHTTPClient(.with()) { http in
                _ = try await http.send(.get(peer.url()))
                let second = try await http.send(.get(peer.url()))
                #expect(second.body == Array("ok".utf8))
            }
            let counts = try await peer.counts()
            #expect(counts.connections == 2 && counts.requests == 2)
        }
    }

    @Test func `two clients are two pools`() async throws {
        try await withPeer(.fine) { peer in
            try await withHTTPClient(.with()) { first in
                try await withHTTPClient(.with()) { second in
                    _ = try await first.send(.get(peer.url()))
                    _ = try await second.send(.get(peer.url()))
                }
                _ = try await first.send(.get(peer.url()))
            }
            #expect(try await peer.counts().connections == 2)
        }
    }

    @Test func `twenty thousand requests with random ends leave no descriptor and no memory behind`() async throws {
        try await withPeer(PeerPlan(quiet: true)) { peer in
            let url = peer.url()
            await #expect(processExitsWith: .success) { [url = url as String] in
                try await Storm(url: url).run(2_000)
                let before = try Storm.held()
                try await Storm(url: url).run(18_000)
                let after = try Storm.held()

                #expect(after.descriptors == before.descriptors)
                #expect(after.kilobytes - before.kilobytes < 20_000)
            }
        }
    }

    @Test func `a large array is not put together to be sent`() async throws {
        try await withPeer(PeerPlan(quiet: true)) { peer in
            let url = peer.url()
            await #expect(processExitsWith: .success) { [url = url as String] in
                let parts = (0..<900).map { [UInt8](repeating: UInt8($0 % 256), count: 100_000) }
                let before = try kilobytes("VmHWM")
                let reply = try await reply(to: HTTPRequest("PUT", url, body: .array(parts)))

                #expect(reply.status == 200)
                #expect(try kilobytes("VmHWM") - before < 30_000)
            }
        }
    }
}

/// What the system says of this process's memory.
private func kilobytes(_ name: String) throws -> Int {
    let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
    let line = try #require(status.split(separator: "\n").first { $0.hasPrefix(name + ":") })
    return try #require(Int(line.split(whereSeparator: { !$0.isNumber }).first ?? ""))
}

/// Many requests, of which about half are cancelled at a time of no choosing.
private struct Storm: Sendable {
    let url: String

    func run(_ count: Int) async throws {
        try await withHTTPClient(.with { $0.maximumConnections = 32 }) { http in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for worker in 0..<64 {
                    group.addTask {
                        var delay = worker
                        for _ in 0..<(count / 64) {
                            delay = (delay &* 48_271 &+ 11) % 3_001
                            try await request(http, cancelledAfter: .microseconds(delay))
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    private func request(_ http: HTTPClient, cancelledAfter delay: Duration) async throws {
        let task = Task { try await http.send(HTTPRequest("PUT", url, body: .bytes([1, 2, 3]))) }
        if delay > .microseconds(1_500) {
            try await Task.sleep(for: delay / 3)
            task.cancel()
        }
        do {
            _ = try await task.value
        } catch is CancellationError {
        } catch HTTPFailure.Code.connectionFailed {
        } catch HTTPFailure.Code.malformedAnswer {}
    }

    /// What this process holds.
    static func held() throws -> (descriptors: Int, kilobytes: Int) {
        let descriptors = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count
        return (descriptors, try kilobytes("VmRSS"))
    }
}
