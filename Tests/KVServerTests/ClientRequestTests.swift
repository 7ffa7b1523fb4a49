import Foundation
import KVServer
import Testing

/// The requests that real clients have sent (`Tests/ClientRequests`), sent again byte for byte.
@Suite struct ClientRequestTests {
    private static let files = [
        "alchemy", "cloudflare-kv-storage-rest", "remote-cloudflare-kv", "sagi-workers-kv", "storage-kv",
        "typescript-sdk", "typescript-sdk-2", "typescript-sdk-older", "unstorage",
    ]

    @Test func `every recorded client is tried`() throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: RecordedRequest.folder.path)
            .filter { $0.hasSuffix(".json") }.map { String($0.dropLast(5)) }
        #expect(names.sorted() == (Self.files + ["wrangler"]).sorted())
        let requests = try Self.files.map { try RecordedRequest.all(in: $0).count }
        #expect(requests.reduce(0, +) == 228)
    }

    @Test(arguments: files) func `a client gets the answers it knows`(file: String) async throws {
        try await withRemote { remote async throws in
            var known = [
                "account": "\(remote.running.accountID)", "token": remote.running.token,
                "date": Date().formatted(.iso8601.year().month().day()),
            ]
            for request in try RecordedRequest.all(in: file) {
                let reply = try await request.send(to: remote, known)
                if let path = request.capture { known[path.name] = reply.text(at: path.members) }
                let faults = request.faults(of: reply, known)
                #expect(faults.isEmpty, "\(file), \(request.call): \(faults.joined(separator: "; "))")
            }
        }
    }
}

/// One request of a client, with the answer that it is to get.
private struct RecordedRequest {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "ClientRequests")

    private let members: [String: Any]

    static func all(in file: String) throws -> [RecordedRequest] {
        let data = try Data(contentsOf: folder.appending(path: "\(file).json"))
        let rows = try #require(try JSONSerialization.jsonObject(with: data) as? [[String: Any]])
        return rows.map { RecordedRequest(members: $0) }
    }

    var call: String { "\(text("client") ?? "") \(text("version") ?? ""): \(text("call") ?? "")" }

    /// The placeholder that the answer fills, and where in it.
    var capture: (name: String, members: [String])? {
        (members["capture"] as? [String: String])?.first.map { name, path in
            (name, path.split(separator: ".").map(String.init))
        }
    }

    private func text(_ name: String) -> String? { members[name] as? String }

    func send(to remote: Remote, _ known: [String: String]) async throws -> RawReply {
        let query = text("query").map { $0.isEmpty ? "" : "?\($0)" } ?? ""
        let method = try #require(text("method"))
        let target = Self.fill(try #require(text("path")) + query, known)
        var body = text("bodyBase64").flatMap { Data(base64Encoded: $0) }.map { Array($0) }
        body = body ?? text("body").map { Array(Self.fill($0, known).utf8) }
        if body == nil, method == "PUT" || method == "POST" { body = [] }
        var headers = (members["headers"] as? [String: String] ?? [:]).mapValues { Self.fill($0, known) }
        headers["transfer-encoding"] = nil
        return try await remote.send(method, target, headers: headers, body: body)
    }

    /// What is not as it is recorded.
    func faults(of reply: RawReply, _ known: [String: String]) -> [String] {
        var faults: [String] = []
        if reply.status != members["status"] as? Int { faults.append("status \(reply.status): \(reply.text)") }
        if let bytes = text("answerBase64").flatMap({ Data(base64Encoded: $0) }) {
            if Array(bytes) != reply.body { faults.append("other bytes") }
        } else if !Self.matches(reply.text, text("answer") ?? "", known) {
            faults.append("the answer is \(reply.text)")
        }
        if reply.headers["content-type"] != text("answerType") {
            faults.append("content-type \(reply.headers["content-type"] ?? "missing")")
        }
        if let expiration = text("answerExpirationHeader"),
            !Self.matches(reply.headers["expiration"] ?? "", expiration, known)
        {
            faults.append("expiration \(reply.headers["expiration"] ?? "missing")")
        }
        return faults
    }

    /// Puts in what is known for each placeholder.
    private static func fill(_ text: String, _ known: [String: String]) -> String {
        let now = Int(Date().timeIntervalSince1970)
        var filled = text.replacing(/\{now\+(\d+)\}/) { "\(now + (Int($0.1) ?? 0))" }
        for (name, value) in known { filled = filled.replacing("{\(name)}", with: value) }
        return filled
    }

    /// Whether a text is the recorded one; a cursor is any cursor, and a moment is right to five seconds.
    private static func matches(_ text: String, _ recorded: String, _ known: [String: String]) -> Bool {
        let now = Int(Date().timeIntervalSince1970)
        let isCut = recorded.hasSuffix("…")
        var rest = text[...]
        var recorded = (isCut ? recorded.dropLast() : recorded[...])
        while let placeholder = recorded.firstMatch(of: /\{(?:now\+(\d+)|cursor)\}/) {
            let literal = fill(String(recorded[..<placeholder.range.lowerBound]), known)
            guard rest.hasPrefix(literal) else { return false }
            rest = rest.dropFirst(literal.count)
            if let seconds = placeholder.1.flatMap({ Int($0) }) {
                let digits = rest.prefix(10)
                guard let moment = Int(digits), abs(moment - now - seconds) <= 5 else { return false }
                rest = rest.dropFirst(digits.count)
            } else {
                let cursor = rest.prefix { $0.isLetter || $0.isNumber || "-_=%".contains($0) }
                guard !cursor.isEmpty else { return false }
                rest = rest.dropFirst(cursor.count)
            }
            recorded = recorded[placeholder.range.upperBound...]
        }
        let literal = fill(String(recorded), known)
        return isCut ? rest.hasPrefix(literal) : rest == literal
    }
}

extension RawReply {
    /// A text deep in the answer.
    fileprivate func text(at members: [String]) -> String? {
        var value: Any? = try? JSONSerialization.jsonObject(with: Data(body))
        for member in members { value = (value as? [String: Any])?[member] }
        return value as? String
    }
}
