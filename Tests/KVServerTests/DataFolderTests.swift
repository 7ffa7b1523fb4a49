import Foundation
import KVModel
import KVServer
import Testing

@Suite struct DataFolderTests {
    private func mode(_ path: String) throws -> Int {
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        return try #require((attributes[.posixPermissions] as? NSNumber)?.intValue)
    }

    @Test func `a folder is made for its owner alone, with a token and an account that stay`() async throws {
        try await withTemporaryFolder { parent in
            let folder = "\(parent)/a/b"
            let first = try await withRemote({ $0.storage = .folder(folder) }) { $0.running }
            let second = try await withRemote({ $0.storage = .folder(folder) }) { $0.running }
            #expect(first.token == second.token)
            #expect(first.token.count == 40)
            #expect(first.accountID == second.accountID)
            #expect(first.tokenPath == "\(folder)/token")
            #expect(try String(contentsOfFile: "\(folder)/token", encoding: .utf8) == first.token + "\n")
            #expect(try mode(folder) == 0o700)
            for file in ["token", "kv.sqlite"] { #expect(try mode("\(folder)/\(file)") == 0o600) }
        }
    }

    @Test func `a token file and an account id are taken instead`() async throws {
        try await withTemporaryFolder { folder in
            let file = "\(folder)/my-token"
            try Data(" secret \n".utf8).write(to: URL(fileURLWithPath: file))
            let id: AccountID = "00112233445566778899aabbccddeeff"
            let running = try await withRemote({
                $0.storage = .folder("\(folder)/data")
                $0.tokenFile = file
                $0.accountID = id
            }) { $0.running }
            #expect(running.token == "secret")
            #expect(running.accountID == id)
            let later = try await withRemote({ $0.storage = .folder("\(folder)/data") }) { $0.running }
            #expect(later.accountID == id)
        }
    }

    @Test func `a second server on one folder is refused, and welcome afterwards`() async throws {
        try await withTemporaryFolder { folder in
            try await withRemote({ $0.storage = .folder(folder) }) { _ in
                await #expect {
                    try await withRemote({ $0.storage = .folder(folder) }) { _ in }
                } throws: {
                    KVServerError.Code.dataFolderInUse ~= $0
                }
            }
            try await withRemote({ $0.storage = .folder(folder) }) { _ in }
        }
    }

    @Test func `a server that stops amid a sweep stops well`() async throws {
        try await withTemporaryFolder { folder in
            // A sweep runs all the time, so that every stop breaks one off, each at another point.
            for _ in 0..<100 {
                try await withRemote({
                    $0.storage = .folder(folder)
                    $0.sweepInterval = .zero
                }) { _ in try await Task.sleep(for: .microseconds(Int.random(in: 0...500))) }
                #expect(!FileManager.default.fileExists(atPath: "\(folder)/kv.sqlite-wal"))
            }
        }
    }

    @Test func `what cannot be used is refused with its code`() async throws {
        try await withTemporaryFolder { folder in
            let file = "\(folder)/file"
            try Data("  \n".utf8).write(to: URL(fileURLWithPath: file))
            let cases: [(KVServerError.Code, (inout KVServerOptions) -> Void)] = [
                (.dataFolderUnusable, { $0.storage = .folder(file) }),
                (.dataFolderUnusable, { $0.storage = .folder("\(file)/x") }),
                (.tokenUnusable, { $0.tokenFile = file }), (.tokenUnusable, { $0.tokenFile = "\(folder)/none" }),
                (.tokenUnusable, { $0.token = "a b" }), (.invalidAccountID, { $0.accountID = "x" }),
                (.requestLogUnusable, { $0.requestLog = "\(file)/x" }),
            ]
            for (code, change) in cases {
                await #expect(throws: (any Error).self) { try await withRemote(change) { _ in } }
                await #expect { try await withRemote(change) { _ in } } throws: { code ~= $0 }
            }
        }
    }

    @Test func `a database that is none is refused`() async throws {
        try await withTemporaryFolder { folder in
            try Data(repeating: 0x61, count: 10_000).write(to: URL(fileURLWithPath: "\(folder)/kv.sqlite"))
            await #expect { try await withRemote({ $0.storage = .folder(folder) }) { _ in } } throws: {
                KVServerError.Code.dataFolderUnusable ~= $0
            }
        }
    }

    @Test func `records are there after a restart, to the byte`() async throws {
        try await withTemporaryFolder { folder in
            let clock = HandClock(at: 1_000)
            let change = { (options: inout KVServerOptions) in
                options.storage = .folder(folder)
                options.now = { clock.now }
            }
            let (id, list) = try await withNamespace(change) { namespace async throws in
                try await namespace.bulkPut(
                    #"[{"key":"\u0000","value":"/w==","base64":true,"metadata":1e400,"expiration":5000}]"#)
                return (namespace.id, try await namespace.list().text)
            }
            try await withRemote(change) { remote async throws in
                let namespace = RemoteNamespace(remote: remote, id: id)
                #expect(try await namespace.list().text == list)
                #expect(try await namespace.get("%00").body == [0xFF])
                #expect(try await namespace.get("%00").headers["expiration"] == "5000")
            }
        }
    }

    @Test func `a server that has stopped leaves everything in one file`() async throws {
        try await withTemporaryFolder { folder in
            let id = try await withNamespace({ $0.storage = .folder(folder) }) { namespace async throws in
                try await namespace.put("k", "v")
                return namespace.id
            }
            let copy = "\(folder)/copy"
            try FileManager.default.createDirectory(atPath: copy, withIntermediateDirectories: true)
            try FileManager.default.copyItem(atPath: "\(folder)/kv.sqlite", toPath: "\(copy)/kv.sqlite")
            try await withRemote({ $0.storage = .folder(copy) }) { remote async throws in
                #expect(try await RemoteNamespace(remote: remote, id: id).get("k").text == "v")
            }
        }
    }

    @Test func `what was acknowledged survives kill -9`() async throws {
        try await withTemporaryFolder { folder in
            await #expect(processExitsWith: .signal(SIGKILL)) { [folder = folder as String] in
                try await withNamespace({ $0.storage = .folder(folder) }) { namespace async throws in
                    for number in 1...50 { try await namespace.put("k\(number)", "value \(number)") }
                    try Data(namespace.id.utf8).write(to: URL(fileURLWithPath: "\(folder)/id"))
                    kill(getpid(), SIGKILL)
                }
            }
            let id = try String(contentsOfFile: "\(folder)/id", encoding: .utf8)
            try await withRemote({ $0.storage = .folder(folder) }) { remote async throws in
                let namespace = RemoteNamespace(remote: remote, id: id)
                #expect(try await namespace.list().info("count") == "50")
                for number in 1...50 { #expect(try await namespace.get("k\(number)").text == "value \(number)") }
            }
        }
    }
}
