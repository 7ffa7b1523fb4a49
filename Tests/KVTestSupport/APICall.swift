import Foundation

/// What a request asks of the Workers KV REST API, as far as faults care.
struct APICall {
    enum Kind {
        case keys, readValue, bulkWrite, otherRead, otherWrite
    }

    let kind: Kind
    /// Names the list of keys: the path with its namespace, and the prefix.
    let list: String
    /// The cursor of a list of keys as it stands in the query.
    let cursor: String?

    init(_ request: ScriptedServer.Request) {
        let (path, items) = Self.split(request.target)
        kind = Self.kind(request.method, path)
        list = path + "?" + (items.first { $0.hasPrefix("prefix=") } ?? "")
        let value = items.first { $0.hasPrefix("cursor=") }?.dropFirst("cursor=".count)
        // An empty cursor is the start of the list, as none is.
        cursor = kind == .keys ? value.flatMap { $0.isEmpty ? nil : String($0) } : nil
    }

    /// The cursor as the server wrote it.
    var decodedCursor: String? { cursor.map { $0.removingPercentEncoding ?? $0 } }

    /// Whether the method is one of those that are not for reading, so that doing it twice could matter.
    var isWrite: Bool { kind == .bulkWrite || kind == .otherWrite }

    /// The target with another cursor in its query, or with none.
    static func target(_ target: String, withCursor cursor: String?) -> String {
        let (path, items) = split(target)
        let rest = items.filter { !$0.hasPrefix("cursor=") } + (cursor.map { ["cursor=\($0)"] } ?? [])
        return rest.isEmpty ? path : path + "?" + rest.joined(separator: "&")
    }

    private static func split(_ target: String) -> (path: String, items: [String]) {
        let halves = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let items = halves.count > 1 ? halves[1].split(separator: "&").map(String.init) : []
        return (halves[0], items)
    }

    private static func kind(_ method: String, _ path: String) -> Kind {
        let parts = path.split(separator: "/")
        // …/namespaces/NAMESPACE/what
        let what = parts.firstIndex(of: "namespaces").map { parts.dropFirst($0 + 2) } ?? []
        switch (method, what.first) {
        case ("GET", "keys") where what.count == 1: return .keys
        case ("GET", "values"): return .readValue
        case ("PUT", "bulk") where what.count == 1: return .bulkWrite
        case ("GET", _), ("HEAD", _): return .otherRead
        default: return .otherWrite
        }
    }
}
