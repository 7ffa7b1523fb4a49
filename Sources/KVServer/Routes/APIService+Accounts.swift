import JSONText
import KVModel

extension APIService {
    /// The server's one account, as the only row of the first page.
    func listAccounts(_ request: APIRequest) throws(APIFault) -> Reply {
        let page = try PageRequest(request)
        let count = page.number == 1 ? 1 : 0
        let info = ResultInfo.page(page: page.number, perPage: page.size, count: count, total: 1)
        return .result(info: info) { out in
            out.append(0x5B)
            if count == 1 { appendAccount(to: &out) }
            out.append(0x5D)
        }
    }

    /// The server's one account.
    func getAccount() -> Reply { .result { appendAccount(to: &$0) } }

    /// The server's one user, whom `wrangler whoami` asks for.
    func getUser() -> Reply {
        .result { out in
            out += "{\"id\":".utf8
            JSONString.append(accountID.rawValue, to: &out)
            // No mail goes to this domain (RFC 2606).
            out += ",\"email\":\"kvark@example.invalid\"}".utf8
        }
    }

    private func appendAccount(to out: inout [UInt8]) {
        out += "{\"id\":".utf8
        JSONString.append(accountID.rawValue, to: &out)
        out += ",\"name\":\"kvark\",\"type\":\"standard\"}".utf8
    }

    /// Says that the token, which the request has shown, is good.
    ///
    /// Code 10000 among `messages` is the API's way to say so; among `errors` it is a failed authentication.
    func verifyToken() -> Reply {
        var reply = Reply()
        let message = (code: APICode.authentication.rawValue, message: "This API Token is valid and active")
        reply.body = Envelope.success(messages: [message]) { out in
            // There is one token, so that its id may be the account's.
            out += "{\"id\":".utf8
            JSONString.append(accountID.rawValue, to: &out)
            out += ",\"status\":\"active\"}".utf8
        }
        return reply
    }
}

/// Which page of a numbered list a request asks for.
struct PageRequest: Hashable, Sendable {
    /// The page's number, from 1.
    var number: Int
    /// The most rows of the page.
    var size: Int

    /// Reads `page` and `per_page`.
    init(_ request: APIRequest) throws(APIFault) {
        let query = try request.query
        guard let number = Self.number(query["page"], default: 1, in: 1...Int(Int32.max)) else {
            throw APIFault(.invalidPage, request.operation, "Invalid page. Please specify an integer from 1.")
        }
        let sizes = 1...KVLimits.namespacePageMaximum
        guard let size = Self.number(query["per_page"], default: KVLimits.namespacePageDefault, in: sizes) else {
            throw APIFault(
                .invalidPerPage, request.operation,
                "Invalid per_page. Please specify an integer from \(sizes.lowerBound) to \(sizes.upperBound).")
        }
        self.number = number
        self.size = size
    }

    private static func number(_ text: String?, default standard: Int, in range: ClosedRange<Int>) -> Int? {
        guard let text else { return standard }
        return Int(text).flatMap { range.contains($0) ? $0 : nil }
    }
}
