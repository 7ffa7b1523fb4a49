import Foundation
import KVTestSupport
import KVTransfer

/// A namespace as a server might show it that is not quite the API: the pieces of its answers can be replaced one by one.
struct ScriptedNamespace: Sendable {
    /// The keys in order; their values are `value of KEY`.
    var keys: [String]
    var pageKeys = 1_000
    /// What a list says of a key besides its name, beginning with a comma.
    var listedDetails = ""
    /// Put before the cursors that are handed out; others are not known.
    var cursorPrefix = "c"
    /// The answer to a cursor that is not known.
    var deadCursor = ScriptedServer.Answer.failure(400, code: 10041, "invalid cursor")
    /// Answers a bulk get of these keys in another way than with the values.
    var bulkGet: @Sendable ([String]) -> ScriptedServer.Answer? = { _ in nil }
    /// Answers a read of this key in another way than with the value.
    var value: @Sendable (String) -> ScriptedServer.Answer? = { _ in nil }

    init(_ keys: [String]) { self.keys = keys }

    /// So many keys, `k0000` and so on.
    init(count: Int) { self.init((0..<count).map { "k" + String(10_000 + $0).dropFirst() }) }

    static let notFound = ScriptedServer.Answer.failure(404, code: 10009, "get: 'key not found'")
    static let nonText = ScriptedServer.Answer.failure(
        400, code: 10029, "bulk get keys: 'At least one of the requested keys corresponds to a non-text value'")

    /// The answer to a request.
    func answer(_ request: ScriptedServer.Request) -> ScriptedServer.Answer {
        if request.target.hasSuffix("/bulk/get") { return answerBulkGet(request) }
        if let range = request.target.range(of: "/values/") {
            let key = String(request.target[range.upperBound...])
            guard keys.contains(key) else { return value(key) ?? Self.notFound }
            return value(key) ?? .http(200, "value of \(key)", type: "application/octet-stream")
        }
        return answerList(request)
    }

    private func answerBulkGet(_ request: ScriptedServer.Request) -> ScriptedServer.Answer {
        struct Body: Decodable { var keys: [String] }
        guard let asked = try? JSONDecoder().decode(Body.self, from: Data(request.body)).keys else {
            return .failure(400, code: 10012, "not a bulk get")
        }
        if let answer = bulkGet(asked) { return answer }
        let values = asked.map { "\"\($0)\":{\"value\":\"value of \($0)\",\"metadata\":null}" }
        return .success("{\"values\":{\(values.joined(separator: ","))}}")
    }

    private func answerList(_ request: ScriptedServer.Request) -> ScriptedServer.Answer {
        let query = URLComponents(string: request.target)?.queryItems ?? []
        func parameter(_ name: String) -> String? { query.first { $0.name == name }?.value }
        let matching = keys.filter { $0.hasPrefix(parameter("prefix") ?? "") }
        var start = 0
        if let cursor = parameter("cursor") {
            guard cursor.hasPrefix(cursorPrefix), let number = Int(cursor.dropFirst(cursorPrefix.count)) else {
                return deadCursor
            }
            start = number
        }
        let page = matching.dropFirst(start).prefix(pageKeys)
        let next = start + page.count < matching.count ? "\(cursorPrefix)\(start + page.count)" : ""
        let rows = page.map { "{\"name\":\"\($0)\"\(listedDetails)}" }
        return .success(
            "[\(rows.joined(separator: ","))]", info: "{\"count\":\(page.count),\"cursor\":\"\(next)\"}")
    }
}
