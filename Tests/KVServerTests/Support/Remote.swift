import Foundation
import KVModel
import KVServer
import Synchronization

/// A running server as a client sees it.
struct Remote: Sendable {
    let running: RunningServer

    /// The path of the account.
    var account: String { "/client/v4/accounts/\(running.accountID)" }
    /// The path of the collection of namespaces.
    var namespaces: String { "\(account)/storage/kv/namespaces" }

    /// Makes a request with the right token on a connection of its own.
    @discardableResult
    func call(
        _ method: String, _ target: String, headers: [String: String] = [:], body: [UInt8]? = nil
    ) async throws -> RawReply {
        try await send(
            method, target, headers: headers.merging(["Authorization": "Bearer \(running.token)"]) { $1 }, body: body)
    }

    /// Makes a request with a text as its body.
    @discardableResult
    func call(_ method: String, _ target: String, _ body: String) async throws -> RawReply {
        try await call(method, target, body: Array(body.utf8))
    }

    /// Makes a request without a token.
    func send(
        _ method: String, _ target: String, headers: [String: String] = [:], body: [UInt8]? = nil
    ) async throws -> RawReply {
        let connection = try RawConnection(port: running.port)
        try await connection.send(Self.request(method, target, headers: headers, body: body))
        guard let reply = try await connection.receive() else {
            throw RawConnection.Failure(reason: "no answer to \(method) \(target)")
        }
        return reply
    }

    /// The bytes of a request.
    static func request(_ method: String, _ target: String, headers: [String: String], body: [UInt8]?) -> [UInt8] {
        var head = "\(method) \(target) HTTP/1.1\r\nHost: test\r\n"
        for (name, value) in headers { head += "\(name): \(value)\r\n" }
        if let body { head += "Content-Length: \(body.count)\r\n" }
        return Array("\(head)\r\n".utf8) + (body ?? [])
    }

    /// Makes a namespace.
    @discardableResult
    func makeNamespace(_ title: String = "test") async throws -> RemoteNamespace {
        let reply = try await call("POST", namespaces, "{\"title\":\"\(title)\"}")
        guard let id = reply.result("id") else { throw RawConnection.Failure(reason: reply.text) }
        return RemoteNamespace(remote: self, id: id)
    }
}

/// A namespace of a running server.
struct RemoteNamespace: Sendable {
    let remote: Remote
    let id: String

    /// The namespace's path.
    var path: String { "\(remote.namespaces)/\(id)" }

    /// Writes a value.
    @discardableResult
    func put(
        _ key: String, _ value: [UInt8], query: String = "", headers: [String: String] = [:]
    ) async throws -> RawReply {
        try await remote.call("PUT", "\(path)/values/\(key)\(query)", headers: headers, body: value)
    }

    /// Writes a text.
    @discardableResult
    func put(_ key: String, _ value: String, query: String = "") async throws -> RawReply {
        try await put(key, Array(value.utf8), query: query)
    }

    /// Writes a value and metadata as a form.
    @discardableResult
    func put(_ key: String, _ value: String, metadata: String) async throws -> RawReply {
        let form = """
            --x\r\nContent-Disposition: form-data; name="value"\r\n\r\n\(value)\r\n\
            --x\r\nContent-Disposition: form-data; name="metadata"\r\nContent-Type: application/json\r\n\r\n\
            \(metadata)\r\n--x--\r\n
            """
        return try await put(key, Array(form.utf8), headers: ["Content-Type": "multipart/form-data; boundary=x"])
    }

    /// Reads a value.
    func get(_ key: String) async throws -> RawReply { try await remote.call("GET", "\(path)/values/\(key)") }

    /// Deletes a key.
    @discardableResult
    func delete(_ key: String) async throws -> RawReply { try await remote.call("DELETE", "\(path)/values/\(key)") }

    /// Reads metadata.
    func metadata(_ key: String) async throws -> RawReply { try await remote.call("GET", "\(path)/metadata/\(key)") }

    /// Lists keys.
    func list(_ query: String = "") async throws -> RawReply { try await remote.call("GET", "\(path)/keys\(query)") }

    /// Writes pairs.
    @discardableResult
    func bulkPut(_ body: String) async throws -> RawReply { try await remote.call("PUT", "\(path)/bulk", body) }

    /// Reads values.
    func bulkGet(_ body: String) async throws -> RawReply { try await remote.call("POST", "\(path)/bulk/get", body) }
}

/// Runs a server, in memory unless told otherwise, for the length of a test.
@discardableResult
func withRemote<Result>(
    _ change: (inout KVServerOptions) -> Void = { _ in }, _ body: (Remote) async throws -> Result
) async throws -> Result {
    var options = KVServerOptions(storage: .inMemory)
    change(&options)
    return try await withKVServer(options) { try await body(Remote(running: $0)) }
}

/// Runs a server with one namespace.
@discardableResult
func withNamespace<Result>(
    _ change: (inout KVServerOptions) -> Void = { _ in }, _ body: (RemoteNamespace) async throws -> Result
) async throws -> Result {
    try await withRemote(change) { try await body(try await $0.makeNamespace()) }
}

/// Lends an empty folder.
func withTemporaryFolder<Result>(_ body: (String) async throws -> Result) async throws -> Result {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("kvark-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: path) }
    return try await body(path)
}

/// A clock that stands still until it is told.
final class HandClock: Sendable {
    private let seconds: Mutex<Int64>

    init(at seconds: Int64 = 1_000_000) { self.seconds = Mutex(seconds) }

    /// What the clock shows.
    var now: UnixTime { UnixTime(seconds: seconds.withLock { $0 }) }

    /// Moves the hand.
    func advance(by count: Int64) { seconds.withLock { $0 += count } }
}

/// The beginning and end of every successful envelope.
func envelope(_ result: String, info: String? = nil) -> String {
    let tail = info.map { ",\"result_info\":\($0)" } ?? ""
    return "{\"success\":true,\"errors\":[],\"messages\":[],\"result\":\(result)\(tail)}"
}
