import KVTestSupport

/// What curl, a client that knows nothing of this project, makes of one or more requests.
struct CurlReply {
    /// Exit statuses of curl that tests look for.
    enum Exit {
        static let done: Int32 = 0
        static let partialBody: Int32 = 18
        static let timeOut: Int32 = 28
        static let emptyReply: Int32 = 52
        static let sendFailed: Int32 = 55
        static let receiveFailed: Int32 = 56
    }

    /// How curl ended.
    var exit: Int32
    /// The status of the last answer, 0 when there was none.
    var status: Int
    /// How many connections the last request had to open.
    var newConnections: Int
    /// The type of the last answer.
    var type: String
    /// All bodies, one after the other.
    var body: [UInt8]

    /// The bodies as text.
    var text: String { String(decoding: body, as: UTF8.self) }

    /// Sends the same request to one or more paths, on one connection as far as that goes.
    static func send(
        _ method: String = "GET", _ paths: String..., port: Int, body: [UInt8]? = nil, options: [String] = []
    ) async throws -> CurlReply {
        var arguments = ["-sS", "-g", "-m", "20", "-X", method]
        arguments += ["-w", "%{stderr}\\n%{http_code}|%{num_connects}|%{content_type}\\n"]
        if body != nil { arguments += ["-H", "content-type: application/octet-stream", "--data-binary", "@-"] }
        let outcome = try await CommandRunner.run(
            "curl", arguments + options + paths.map { "http://127.0.0.1:\(port)\($0)" }, input: body ?? [])
        let line = outcome.errorText.split(separator: "\n").last { $0.contains("|") } ?? "0|0|"
        let fields = line.split(separator: "|", omittingEmptySubsequences: false)
        return CurlReply(
            exit: outcome.status, status: Int(fields[0]) ?? 0, newConnections: Int(fields[1]) ?? 0,
            type: String(fields[2]), body: outcome.output)
    }
}

/// Paths of the API as clients ask for them.
enum APIPath {
    static let namespace = "/client/v4/accounts/acc/storage/kv/namespaces/ns"
    static let value = namespace + "/values/some%2Fkey"
    static let keys = namespace + "/keys"
    static let bulk = namespace + "/bulk"
}
