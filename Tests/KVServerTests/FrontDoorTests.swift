import Foundation
import KVServer
import Testing

@Suite struct FrontDoorTests {
    private func connect(_ remote: Remote) throws -> RawConnection { try RawConnection(port: remote.running.port) }

    @Test func `who shows no token is told so before any of the body is sent`() async throws {
        try await withTemporaryFolder { folder in
            let log = "\(folder)/log"
            try await withRemote({ $0.requestLog = log }) { remote async throws in
                let connection = try connect(remote)
                let headers = ["Expect": "100-continue", "Content-Length": "1000000"]
                try await connection.send(Remote.request("PUT", "/x", headers: headers, body: nil))
                let reply = try #require(try await connection.receive())
                #expect(reply.status == 401)
                #expect(reply.headers["connection"] == "close")
                #expect(try await connection.receive() == nil)
                #expect(remote.running.requestCounts == [.none: 1])
                let lines = try String(contentsOfFile: log, encoding: .utf8).split(separator: "\n")
                #expect(lines.count == 1)
                #expect(lines[0].contains(#""status":401,"requestBytes":0"#))
            }
        }
    }

    @Test func `a refused body is read for who does not ask, and the connection goes on`() async throws {
        try await withTemporaryFolder { folder in
            let log = "\(folder)/log"
            try await withRemote({ $0.requestLog = log }) { remote async throws in
                let connection = try connect(remote)
                for _ in 1...2 {
                    let body = [UInt8](repeating: 0x61, count: 500_000)
                    try await connection.send(Remote.request("PUT", "/x", headers: [:], body: body))
                    let reply = try #require(try await connection.receive())
                    #expect(reply.status == 401)
                    #expect(reply.headers["connection"] == nil)
                }
                let lines = try String(contentsOfFile: log, encoding: .utf8).split(separator: "\n")
                #expect(lines.count == 2)
                #expect(lines.allSatisfy { $0.contains(#""requestBytes":500000"#) })
            }
        }
    }

    @Test func `a body that breaks off is neither written nor counted`() async throws {
        try await withNamespace { namespace async throws in
            let connection = try connect(namespace.remote)
            let headers = [
                "Authorization": "Bearer \(namespace.remote.running.token)", "Content-Length": "10",
            ]
            let head = Remote.request("PUT", "\(namespace.path)/values/k", headers: headers, body: nil)
            try await connection.send(head + Array("12345".utf8))
            connection.finishSending()
            #expect(try await connection.receive() == nil)
            #expect(try await namespace.get("k").status == 404)
            #expect(namespace.remote.running.requestCounts[.valuePut] == nil)
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `an answer that is held back holds up no other, nor the end of the server`() async throws {
        try await withRemote({
            $0.latency = .seconds(3_600)
            $0.gracePeriod = .zero
        }) { remote async throws in
            let connections = try (0..<50).map { _ in try connect(remote) }
            for connection in connections {
                try await connection.send(Remote.request("GET", "/x", headers: [:], body: nil))
            }
            while remote.running.requestCounts[.none] != 50 { await Task.yield() }
        }
    }

    @Test func `a start that is cancelled says nothing of the address`() async throws {
        let start = Task {
            while !Task.isCancelled { await Task.yield() }
            return try await withRemote { _ in true }
        }
        start.cancel()
        await #expect(throws: CancellationError.self) { try await start.value }
    }

    @Test func `the folder is free again when the server cannot listen`() async throws {
        try await withTemporaryFolder { folder in
            try await withRemote { other async throws in
                await #expect {
                    try await withRemote({
                        $0.storage = .folder(folder)
                        $0.port = other.running.port
                    }) { _ in }
                } throws: { KVServerError.Code.addressUnavailable ~= $0 }
                #expect(!FileManager.default.fileExists(atPath: "\(folder)/kv.sqlite-wal"))
                try await withRemote({ $0.storage = .folder(folder) }) { _ in }
            }
        }
    }
}
