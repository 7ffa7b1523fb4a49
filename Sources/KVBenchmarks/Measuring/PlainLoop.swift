import Foundation
import KVHTTP
import KVModel

/// The requests of a job, sent as they are and with nothing done about the answers: the most that a client could get.
struct PlainLoop {
    private struct Request: Sendable {
        var method: String
        var path: String
        var body: [UInt8]?
    }

    private let http: HTTPClient
    private let baseURL: String
    private let token: String
    private var requests: [Request] = []

    /// A loop without requests.
    init(_ server: ServerProcess, over http: HTTPClient) {
        self.http = http
        baseURL =
            "\(server.baseURL)/accounts/\(server.environment["CLOUDFLARE_ACCOUNT_ID"] ?? "")/storage/kv/namespaces"
        token = server.environment["CLOUDFLARE_API_TOKEN"] ?? ""
    }

    /// The lists and bulk reads that read a namespace whole, all texts.
    static func ofReading(
        from server: ServerProcess, namespace title: String, over http: HTTPClient
    ) async throws -> PlainLoop {
        var loop = PlainLoop(server, over: http)
        let id = try await loop.namespaceID(title)
        var cursor = ""
        repeat {
            let path = "/\(id)/keys?limit=1000" + (cursor.isEmpty ? "" : "&cursor=\(cursor)")
            let page = try await loop.object(Request(method: "GET", path: path))
            loop.requests.append(Request(method: "GET", path: path))
            let keys = (page["result"] as? [[String: Any]] ?? []).compactMap { $0["name"] as? String }
            for start in stride(from: 0, to: keys.count, by: 100) {
                let some = Array(keys[start..<min(start + 100, keys.count)])
                loop.requests += try bulkReads(of: some, id)
            }
            cursor = (page["result_info"] as? [String: Any])?["cursor"] as? String ?? ""
        } while !cursor.isEmpty
        return loop
    }

    /// A bulk read of the keys of texts, and a read of each other; which is which, the keys' names say.
    private static func bulkReads(of keys: [String], _ id: String) throws -> [Request] {
        let texts = keys.filter { !$0.hasPrefix("image:") }
        var requests = keys.filter { $0.hasPrefix("image:") }.map { key in
            Request(method: "GET", path: "/\(id)/values/\(key.replacingOccurrences(of: "/", with: "%2F"))")
        }
        if !texts.isEmpty {
            let body = try JSONSerialization.data(withJSONObject: ["keys": texts, "withMetadata": true])
            requests.append(Request(method: "POST", path: "/\(id)/bulk/get", body: Array(body)))
        }
        return requests
    }

    /// The bulk writes that write records, 10,000 each.
    static func ofWriting(
        _ records: BenchmarkRecords, to server: ServerProcess, namespace title: String, over http: HTTPClient
    ) async throws -> PlainLoop {
        var loop = PlainLoop(server, over: http)
        let made = Request(method: "POST", path: "", body: Array("{\"title\":\"\(title)\"}".utf8))
        _ = try await loop.object(made)
        let path = "/\(try await loop.namespaceID(title))/bulk"
        var body: [UInt8] = []
        var count = 0
        for line in records {
            body += (body.isEmpty ? "[" : ",").utf8
            body += line.text
            count += 1
            guard count == KVLimits.bulkWritePairs || body.count > 80_000_000 else { continue }
            loop.requests.append(Request(method: "PUT", path: path, body: body + [0x5D]))
            (body, count) = ([], 0)
        }
        if count > 0 { loop.requests.append(Request(method: "PUT", path: path, body: body + [0x5D])) }
        return loop
    }

    /// The identifier of a namespace.
    func namespaceID(_ title: String) async throws -> String {
        let page = try await object(Request(method: "GET", path: "?per_page=1000"))
        let all = page["result"] as? [[String: Any]] ?? []
        guard let id = all.first(where: { $0["title"] as? String == title })?["id"] as? String else {
            throw BenchmarkFailure(description: "no namespace \(title)")
        }
        return id
    }

    private func object(_ request: Request) async throws -> [String: Any] {
        let body = try await send(request)
        return try JSONSerialization.jsonObject(with: Data(body)) as? [String: Any] ?? [:]
    }

    private func send(_ request: Request) async throws -> [UInt8] {
        var made = HTTPRequest(
            method: request.method, url: baseURL + request.path, answerLimit: 200 << 20, stallTimeout: .seconds(120),
            attemptTimeout: .seconds(120), mayBeSentTwice: true)
        made.headers = [("authorization", "Bearer \(token)")]
        if let body = request.body {
            made.headers.append(("content-type", "application/json"))
            made.body = .bytes(body)
        }
        let reply = try await http.send(made)
        guard reply.status < 300 else {
            throw BenchmarkFailure(description: "\(request.method) \(request.path): status \(reply.status)")
        }
        return reply.body
    }

    /// Sends all requests, so many at a time, and waits for all answers; how long that takes.
    func seconds(concurrency: Int) async throws -> Double {
        let start = ContinuousClock.now
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (index, request) in requests.enumerated() {
                if index >= concurrency { try await group.next() }
                group.addTask { _ = try await send(request) }
            }
            try await group.waitForAll()
        }
        return (ContinuousClock.now - start) / .seconds(1)
    }
}
