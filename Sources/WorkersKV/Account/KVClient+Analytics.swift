import Foundation
import JSONText

/// How much a namespace held on a day, as the account's analytics have it.
public struct StorageMetrics: Hashable, Sendable {
    /// The day in UTC, such as `2026-11-23`.
    public var date: String
    /// The most keys that it had on that day.
    public var keys: Int
    /// The most bytes that it had on that day, as Cloudflare counts what is stored.
    public var bytes: Int

    /// Puts metrics together.
    public init(date: String, keys: Int, bytes: Int) {
        self.date = date
        self.keys = keys
        self.bytes = bytes
    }
}

extension KVClient {
    /// Asks the account's GraphQL analytics how many keys a namespace has, which the KV API itself does not tell.
    ///
    /// The numbers are of a day and some hours old: enough to plan with, not to compare with. A token needs the
    /// permission *Account Analytics Read* for them, which those for KV do not have of their own. One request, of a limit
    /// of its own (300 in five minutes; GraphQL Analytics API, limits).
    ///
    /// - Parameters:
    ///   - namespace: The namespace.
    ///   - days: How many days to look back at the most; the analytics keep 31.
    /// - Returns: The metrics of the last day that has any; `nil` where none of the days has.
    /// - Throws: ``KVError`` with `unauthorized` when the credentials are not enough, `refused` when the analytics do not
    ///   answer the question, `routeNotFound` at a server without analytics, among others; `CancellationError`.
    public func storageMetrics(of namespace: NamespaceID, days: Int = 7) async throws -> StorageMetrics? {
        var request = APIRequest(
            kind: .analytics, method: .post, path: "/graphql", subject: "the analytics of namespace \(namespace)")
        request.answerLimit = 1 << 20
        request.setJSON(analyticsQuestion(namespace, days: days))
        return try await requester.reply(request) { reply throws(KVError) in
            let answer: AnalyticsAnswer
            do throws(JSONFault) {
                answer = try AnalyticsAnswer(parsing: reply.body)
            } catch {
                throw KVError(
                    .malformedAnswer, "\(request.subject): the answer is not that of the analytics (\(error))")
            }
            guard let refusal = answer.refusal else { return answer.newest }
            throw KVError(
                refusal.code == "authz" ? .unauthorized : .refused,
                "\(request.subject): the analytics answer: \(requester.redacted(refusal.message))")
        }
    }

    /// The question, with what it is about as variables.
    private func analyticsQuestion(_ namespace: NamespaceID, days: Int) -> [UInt8] {
        let query = """
            query StoredInNamespace($account: string!, $namespace: string, $first: Date, $last: Date) {
              viewer {
                accounts(filter: {accountTag: $account}) {
                  kvStorageAdaptiveGroups(
                    filter: {namespaceId: $namespace, date_geq: $first, date_leq: $last}, orderBy: [date_DESC], limit: 100
                  ) { dimensions { date } max { keyCount byteCount } }
                }
              }
            }
            """
        let now = options.clock.unixNow()
        let variables = [
            ("account", options.accountID.rawValue), ("namespace", namespace.rawValue),
            ("first", Self.day(now - Double(days) * 86_400)), ("last", Self.day(now)),
        ]
        let members = variables.map { "\(JSONString.quoted($0)):\(JSONString.quoted($1))" }
        return Array(
            "{\"query\":\(JSONString.quoted(query)),\"variables\":{\(members.joined(separator: ","))}}".utf8)
    }

    private static func day(_ unixTime: Double) -> String {
        Date(timeIntervalSince1970: unixTime).formatted(.iso8601.year().month().day())
    }
}

/// What the analytics answer: data, or errors, with the same status.
private struct AnalyticsAnswer {
    /// The metrics of the last day that has any.
    private(set) var newest: StorageMetrics?
    /// The first of the errors.
    private(set) var refusal: (message: String, code: String?)?

    /// Reads an answer's body.
    init(parsing body: [UInt8]) throws(JSONFault) {
        var reader = try JSONReader(body)
        var hasAccounts = false
        try reader.beginObject()
        while let name = try reader.nextMember() {
            switch name {
            case "data":
                try reader.readMember("viewer") { reader throws(JSONFault) in
                    try reader.readMember("accounts") { reader throws(JSONFault) in
                        hasAccounts = true
                        try readAccounts(&reader)
                    }
                }
            case "errors":
                try reader.readElements { reader throws(JSONFault) in
                    let error = try Self.readError(&reader)
                    refusal = refusal ?? error
                }
            default: try reader.skipValue()
            }
        }
        try reader.finish()
        guard hasAccounts || refusal != nil else { throw JSONFault(.wrongKind, at: 0, "neither data nor errors") }
    }

    private mutating func readAccounts(_ reader: inout JSONReader) throws(JSONFault) {
        try reader.readElements { reader throws(JSONFault) in
            try reader.readMember("kvStorageAdaptiveGroups") { reader throws(JSONFault) in
                try reader.readElements { reader throws(JSONFault) in
                    let day = try Self.readDay(&reader)
                    if day.date > newest?.date ?? "" { newest = day }
                }
            }
        }
    }

    /// Reads `{"dimensions": {"date": …}, "max": {"keyCount": …, "byteCount": …}}`.
    private static func readDay(_ reader: inout JSONReader) throws(JSONFault) -> StorageMetrics {
        var date: String?
        var maxima: [JSONName: Int] = [:]
        try reader.beginObject()
        while let name = try reader.nextMember() {
            switch name {
            case "dimensions":
                try reader.readMember("date") { reader throws(JSONFault) in date = try reader.readOptionalString() }
            case "max":
                try reader.beginObject()
                while let name = try reader.nextMember() { maxima[name] = try readCount(&reader) }
            default: try reader.skipValue()
            }
        }
        guard let date, isDay(date), let keys = maxima["keyCount"], let bytes = maxima["byteCount"] else {
            throw JSONFault(.wrongKind, at: reader.position, "a day without its date, keys or bytes")
        }
        return StorageMetrics(date: date, keys: keys, bytes: bytes)
    }

    /// Reads a number that can count something; `nil` for anything else.
    private static func readCount(_ reader: inout JSONReader) throws(JSONFault) -> Int? {
        try reader.readOptionalInteger().flatMap { (0...1 << 53).contains($0) ? Int($0) : nil }
    }

    private static func isDay(_ text: String) -> Bool {
        text.wholeMatch(of: /[0-9]{4}-[0-9]{2}-[0-9]{2}/) != nil
    }

    /// Reads `{"message": …, "extensions": {"code": …}}`.
    private static func readError(_ reader: inout JSONReader) throws(JSONFault) -> (message: String, code: String?) {
        var message: String?
        var code: String?
        try reader.beginObject()
        while let name = try reader.nextMember() {
            switch name {
            case "message": message = try reader.readOptionalString()
            case "extensions":
                try reader.readMember("code") { reader throws(JSONFault) in code = try reader.readOptionalString() }
            default: try reader.skipValue()
            }
        }
        return (message ?? "an error without a message", code)
    }
}

extension JSONReader {
    /// Reads one member of an object and passes over the others, or over a value that is not an object.
    fileprivate mutating func readMember(
        _ wanted: JSONName, _ read: (inout JSONReader) throws(JSONFault) -> Void
    ) throws(JSONFault) {
        guard try peekKind() == .object else { return try skipValue() }
        try beginObject()
        while let name = try nextMember() {
            if name == wanted { try read(&self) } else { try skipValue() }
        }
    }

    /// Reads each element of an array, or passes over a value that is not an array.
    fileprivate mutating func readElements(
        _ read: (inout JSONReader) throws(JSONFault) -> Void
    ) throws(JSONFault) {
        guard try peekKind() == .array else { return try skipValue() }
        try beginArray()
        while try nextElement() { try read(&self) }
    }
}
