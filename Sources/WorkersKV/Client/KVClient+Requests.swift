package import JSONText
import KVHTTP

extension KVClient {
    /// A request to a path below the account's KV storage.
    func request(
        _ kind: RequestKind, _ method: APIRequest.Method, _ path: String, _ subject: String
    ) -> APIRequest {
        let account = PercentEncoding.encode(options.accountID.rawValue.utf8)
        return APIRequest(
            kind: kind, method: method, path: "/accounts/\(account)/storage/kv\(path)", subject: subject)
    }

    /// The path of a namespace.
    static func path(_ namespace: NamespaceID) -> String {
        "/namespaces/\(PercentEncoding.encode(namespace.rawValue.utf8))"
    }

    /// The path of something that belongs to a key, such as its value.
    ///
    /// - Throws: ``KVError`` with `invalidKey` for the keys that no request can name: the empty one would become its
    ///   parent's path, `.` and `..` are removed by everything that normalises paths.
    static func path(_ kind: String, of key: KVKey, in namespace: NamespaceID) throws(KVError) -> String {
        try checkName(key)
        return "\(path(namespace))/\(kind)/\(PercentEncoding.encode(key.utf8))"
    }

    /// Refuses the keys that KV does not allow whatever their length; the length is the API's to judge.
    static func checkName(_ key: KVKey) throws(KVError) {
        switch key.problem {
        case .empty, .dots: throw KVError(.invalidKey, "key \(key): \(key.problem?.description ?? "")")
        case .tooLong, nil: return
        }
    }
}

extension APIRequest {
    /// Gives the request a JSON body.
    mutating func setJSON(_ bytes: [UInt8]) { setJSON(.bytes(bytes)) }

    /// Gives the request a JSON body.
    mutating func setJSON(_ json: HTTPBody) {
        body = json
        contentType = "application/json"
    }

    /// Gives the request a list of keys as its JSON body.
    mutating func setJSON(keys: [KVKey], prefix: String = "[", suffix: String = "]") {
        var text = Array(prefix.utf8)
        for (index, key) in keys.enumerated() {
            if index > 0 { text.append(0x2C) }
            JSONString.append(key.utf8, to: &text)
        }
        setJSON(text + Array(suffix.utf8))
    }
}

extension Requester {
    /// Reads the result of an answer that was a success, and says what the request was about if it is not as expected.
    func read<Result>(
        _ envelope: Envelope, _ request: APIRequest, _ body: (Envelope) throws(JSONFault) -> Result
    ) throws(KVError) -> Result {
        do throws(JSONFault) {
            return try body(envelope)
        } catch {
            throw KVError(.malformedAnswer, "\(request.subject): the answer is not what the API sends here (\(error))")
        }
    }
}

extension Envelope {
    /// A reader that stands before the `result`.
    func requiredResult() throws(JSONFault) -> JSONReader {
        guard let result else { throw JSONFault(.wrongKind, at: 0, "an answer without \"result\"") }
        return result
    }

    /// A whole number in `result_info`, if it is there.
    package func resultInfoInteger(_ wanted: JSONName) throws(JSONFault) -> Int64? {
        guard var reader = resultInfo, try reader.peekKind() == .object else { return nil }
        var number: Int64?
        try reader.beginObject()
        while let name = try reader.nextMember() {
            if name == wanted { number = try reader.readOptionalInteger() } else { try reader.skipValue() }
        }
        return number
    }

    /// Whether there is a `result_info` that could hold a cursor.
    package var hasResultInfo: Bool {
        guard var reader = resultInfo else { return false }
        return (try? reader.peekKind()) == .object
    }

    /// The cursor in `result_info`; `nil` when it is absent, null or empty, which all mean the end of the list.
    package func cursor() throws(JSONFault) -> String? {
        guard var reader = resultInfo, try reader.peekKind() == .object else { return nil }
        var cursor: String?
        try reader.beginObject()
        while let name = try reader.nextMember() {
            switch name {
            case "cursor":
                let kind = try reader.peekKind()
                guard kind == .string || kind == .null else {
                    throw JSONFault(.wrongKind, at: reader.position, "a cursor that is not a string")
                }
                cursor = try reader.readOptionalString()
            default: try reader.skipValue()
            }
        }
        return cursor?.isEmpty == true ? nil : cursor
    }
}
