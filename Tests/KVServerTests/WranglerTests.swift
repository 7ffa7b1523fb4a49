import Foundation
import KVServer
import Testing

/// The exchanges of wrangler's commands (`Tests/ClientRequests/wrangler.json`): status, and what wrangler reads.
@Suite struct WranglerTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "ClientRequests")

    private struct Exchange {
        var method: String
        var target: String
        var headers: [String: String]
        /// The body; `nil` where only its size was recorded.
        var body: [UInt8]?
        var status: Int
        /// The answer's body; `nil` where only its size was recorded.
        var answer: String?
    }

    private struct Command {
        var name: String
        var exchanges: [Exchange]
    }

    private static func commands() throws -> [Command] {
        let data = try Data(contentsOf: folder.appending(path: "wrangler.json"))
        let top = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        return try #require(top["commands"] as? [[String: Any]]).map { command in
            let exchanges = try #require(command["exchanges"] as? [[String: Any]]).map { try exchange($0) }
            return Command(name: try #require(command["name"] as? String), exchanges: exchanges)
        }
    }

    private static func exchange(_ members: [String: Any]) throws -> Exchange {
        let request = try #require(members["request"] as? [String: Any])
        let answer = try #require(members["answer"] as? [String: Any])
        let headers = try #require(request["headers"] as? [String: String])
        var body: [UInt8]? = []
        if let recorded = request["body"], !(recorded is NSNull) {
            body = (recorded as? String).map { Array($0.utf8) }
            // What a value's bytes are is of no matter, only how many.
            if body == nil, let size = (recorded as? [String: Int])?["bytes"] {
                let value = [UInt8](repeating: 0xFF, count: min(size, 70_000))
                let type = headers["content-type"] ?? ""
                body = type.isEmpty ? value : type.hasPrefix("multipart/form-data") ? form(value) : nil
            }
        }
        return Exchange(
            method: try #require(request["method"] as? String), target: try #require(request["target"] as? String),
            headers: headers, body: body, status: try #require(answer["status"] as? Int),
            answer: answer["body"] as? String)
    }

    /// A value with the metadata that the recorded form had.
    private static func form(_ value: [UInt8]) -> [UInt8] {
        let head = "--B\r\nContent-Disposition: form-data; name=\"value\"\r\n\r\n"
        let metadata = "\r\n--B\r\nContent-Disposition: form-data; name=\"metadata\"\r\n\r\n{\"x\":\"y\"}\r\n--B--\r\n"
        return Array(head.utf8) + value + Array(metadata.utf8)
    }

    /// The namespace that a command works on.
    private static func title(for command: String) -> String {
        let small = ["rename", "rename-id", "nsdel", "nsdel-again"]
        if small.contains(command) || command.hasSuffix("10001") || command == "list3000" { return "wr-3000" }
        if command == "nsdel-name" { return "wr-eu" }
        if command.hasPrefix("w20") { return "wr-w20" }
        return command.hasPrefix("w3") ? "worker-wr-w3" : "wr-main"
    }

    @Test func `wrangler finds in the answers what it reads`() async throws {
        try await withRemote { remote async throws in
            var ids: [String: String] = [:]
            var compared = 0
            for command in try Self.commands() {
                let title = Self.title(for: command.name)
                // A list of many keys is in pieces whose cursors another server gave.
                if command.name == "list3000" { continue }
                if title == "wr-3000", ids[title] == nil {
                    for title in ["wr-3000", "wr-odd", "wr-odd2"] {
                        ids[title] = try await remote.makeNamespace(title).id
                    }
                }
                for exchange in command.exchanges {
                    guard let body = exchange.body else { continue }
                    let target = exchange.target.replacing("{account}", with: "\(remote.running.accountID)")
                        .replacing("{namespace}", with: ids[title] ?? "none")
                    var headers = exchange.headers
                    headers["authorization"] = "Bearer \(command.name == "wrongtoken" ? "x" : remote.running.token)"
                    let reply = try await remote.send(
                        exchange.method, "/client/v4\(target)", headers: headers, body: body.isEmpty ? nil : body)
                    if command.name.hasSuffix("create"), let id = reply.result("id") { ids[title] = id }
                    if command.name == "ns-create-jurisdiction" { ids["wr-eu"] = reply.result("id") }
                    #expect(reply.status == exchange.status, "\(command.name): \(reply.text)")
                    guard let answer = exchange.answer else { continue }
                    let isSame = Self.readable(reply.text) == Self.readable(answer)
                    #expect(isSame, "\(command.name): \(reply.text) instead of \(answer)")
                    compared += 1
                }
            }
            #expect(compared > 55)
        }
    }

    /// What wrangler reads of an answer, with what differs from run to run made alike.
    private static func readable(_ answer: String) -> NSObject {
        guard let top = try? JSONSerialization.jsonObject(with: Data(answer.utf8)) as? [String: Any] else {
            return answer as NSString
        }
        let errors = (top["errors"] as? [[String: Any]])?.compactMap { $0["code"] as? Int }
        let info = top["result_info"] as? [String: Any]
        let cursor = (info?["cursor"] as? String).map { $0.isEmpty ? "last" : "more" }
        return [
            "success": top["success"] ?? NSNull(), "errors": errors ?? [], "result": alike(top["result"] ?? NSNull()),
            "cursor": cursor ?? "none",
        ] as NSDictionary
    }

    private static func alike(_ value: Any) -> Any {
        if let rows = value as? [Any] { return rows.map(alike) }
        guard var members = value as? [String: Any] else { return value }
        for name in ["id", "expiration"] where members[name] != nil { members[name] = "some" }
        return members.mapValues(alike)
    }
}
