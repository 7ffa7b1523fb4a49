import Foundation
import KVModel
import KVServer
import Testing

@Suite struct ServerTests {
    @Test func `every answer has an id to quote`() async throws {
        try await withRemote { remote async throws in
            var ids: Set<String> = []
            for target in [remote.namespaces, "/x"] {
                let ray = try #require(try await remote.call("GET", target).headers["cf-ray"])
                #expect(ray.count == 20)
                #expect(ray.prefix(16).allSatisfy { $0.isHexDigit })
                ids.insert(ray)
            }
            #expect(ids.count == 2)
        }
    }

    @Test func `a connection serves one request after the other`() async throws {
        try await withNamespace { namespace async throws in
            let connection = try RawConnection(port: namespace.remote.running.port)
            let headers = ["Authorization": "Bearer \(namespace.remote.running.token)"]
            for number in 1...3 {
                let target = "\(namespace.path)/values/k"
                let body = Array("\(number)".utf8)
                try await connection.send(Remote.request("PUT", target, headers: headers, body: body))
                #expect(try await connection.receive()?.status == 200)
                try await connection.send(Remote.request("GET", target, headers: headers, body: nil))
                #expect(try await connection.receive()?.body == body)
            }
        }
    }

    @Test func `a connection goes on after a refused body`() async throws {
        try await withNamespace { namespace async throws in
            let connection = try RawConnection(port: namespace.remote.running.port)
            let headers = ["Authorization": "Bearer \(namespace.remote.running.token)"]
            let body = [UInt8](repeating: 0x61, count: 100_000)
            try await connection.send(Remote.request("PUT", "/nowhere", headers: headers, body: body))
            #expect(try await connection.receive()?.status == 404)
            try await connection.send(Remote.request("GET", namespace.path, headers: headers, body: nil))
            #expect(try await connection.receive()?.status == 200)
        }
    }

    @Test func `requests are counted by operation`() async throws {
        try await withNamespace { namespace async throws in
            for key in ["a", "b"] { try await namespace.put(key, "v") }
            _ = try await namespace.bulkGet(#"{"keys":["a","b"]}"#)
            _ = try await namespace.remote.call("GET", "/x")
            let counts = namespace.remote.running.requestCounts
            #expect(counts == [.namespaceCreate: 1, .valuePut: 2, .bulkGet: 1, .none: 1])
        }
    }

    @Test func `the log has a line of JSON for every request`() async throws {
        try await withTemporaryFolder { folder in
            let file = "\(folder)/log"
            let clock = HandClock(at: 1_700_000_000)
            try await withNamespace({
                $0.requestLog = file
                $0.now = { clock.now }
            }) { namespace async throws in
                try await namespace.put("a%2F\"", "value")
                _ = try await namespace.bulkGet(#"{"keys":["a","b"]}"#)
                _ = try await namespace.remote.send("GET", "/x")
                let lines = try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n")
                #expect(lines.count == 4)
                let path = #"\#(namespace.path)/values/a%2F\""#
                let line = """
                    {"time":"2023-11-14T22:13:20Z","method":"PUT","route":"value-put","path":"\(path)","status":200,\
                    "requestBytes":5,"responseBytes":56}
                    """
                #expect(lines[1] == line)
                #expect(lines[2].contains(#""route":"bulk-get""#))
                #expect(lines[2].hasSuffix(#""keys":2}"#))
                #expect(lines[3].contains(#""route":"none","path":"/x","status":401"#))
            }
        }
    }

    @Test func `the body's error comes out after the server has stopped`() async throws {
        struct Stop: Error {}
        // Below those that systems hand out to whoever connects: other tests do that all the time.
        let port = Int.random(in: 15_000..<32_000)
        for _ in 1...2 {
            // The port is free again for the second server.
            await #expect(throws: Stop.self) {
                try await withRemote({ $0.port = port }) { _ in throw Stop() }
            }
        }
    }

    @Test func `a cancelled task stops the server`() async throws {
        let (started, start) = AsyncStream.makeStream(of: Int.self)
        let task = Task {
            try await withRemote { remote async throws in
                start.yield(remote.running.port)
                try await Task.sleep(for: .seconds(3_600))
            }
        }
        let port = try #require(await started.first { _ in true })
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(throws: RawConnection.Failure.self) { try RawConnection(port: port) }
    }

    /// Starts to write a value of one byte, up to where the server waits for the byte.
    private func beginWrite(_ namespace: RemoteNamespace) async throws -> RawConnection {
        let connection = try RawConnection(port: namespace.remote.running.port)
        let token = namespace.remote.running.token
        let headers = ["Authorization": "Bearer \(token)", "Expect": "100-continue", "Content-Length": "1"]
        let target = "\(namespace.path)/values/k"
        try await connection.send(Remote.request("PUT", target, headers: headers, body: nil))
        #expect(try await connection.receive()?.status == 100)
        return connection
    }

    @Test func `a request in flight is finished when the server stops`() async throws {
        let finishing = try await withNamespace { namespace async throws in
            let connection = try await beginWrite(namespace)
            let port = namespace.remote.running.port
            return Task {
                // The server is stopping when it takes no more connections.
                while (try? RawConnection(port: port)) != nil { await Task.yield() }
                try await connection.send([0x61])
                return try await connection.receive()?.status
            }
        }
        #expect(try await finishing.value == 200)
    }

    @Test(.timeLimit(.minutes(1)))
    func `a request that does not end is cut off when the time is over`() async throws {
        let connection = try await withNamespace({ $0.gracePeriod = .zero }) { try await beginWrite($0) }
        #expect(try await connection.receive() == nil)
    }

    @Test func `a port that is taken is named in the error`() async throws {
        try await withRemote { remote async throws in
            let port = remote.running.port
            await #expect {
                try await withRemote({ $0.port = port }) { _ in }
            } throws: { error in
                KVServerError.Code.addressUnavailable ~= error && "\(error)".contains("\(port)")
            }
        }
    }
}
