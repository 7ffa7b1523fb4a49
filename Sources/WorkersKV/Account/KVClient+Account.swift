import JSONText

/// What the API says of a token.
public struct TokenStatus: Hashable, Sendable {
    /// The token's id, which is not a secret.
    public var id: String?
    /// `active`, `disabled` or `expired`.
    public var status: String
    /// Whether the token can be used.
    public var isActive: Bool { status == "active" }
}

/// An account that the credentials may see.
public struct Account: Hashable, Sendable {
    /// The id.
    public var id: AccountID
    /// The name.
    public var name: String
}

extension KVClient {
    /// Asks whether the token is valid.
    ///
    /// Tokens of an account and tokens of a user are verified in different places; this asks for an account's token
    /// first and for a user's when that is refused.
    ///
    /// - Returns: The token's status.
    /// - Throws: ``KVError`` with `unauthorized` when the token is neither; `CancellationError`.
    public func verifyToken() async throws -> TokenStatus {
        let account = PercentEncoding.encode(options.accountID.rawValue.utf8)
        do {
            return try await tokenStatus("/accounts/\(account)/tokens/verify")
        } catch let error as KVError where error.reply.map({ (400..<500).contains($0.status) }) == true {
            return try await tokenStatus("/user/tokens/verify")
        }
    }

    private func tokenStatus(_ path: String) async throws -> TokenStatus {
        let request = APIRequest(kind: .tokenVerify, method: .get, path: path, subject: "the token")
        let envelope = try await requester.envelope(request)
        return try requester.read(envelope, request) { envelope throws(JSONFault) in
            var reader = try envelope.requiredResult()
            let members = try reader.readTexts()
            guard let status = members["status"] else {
                throw JSONFault(.wrongKind, at: reader.position, "a token without a status")
            }
            return TokenStatus(id: members["id"], status: status)
        }
    }

    /// All accounts that the credentials may see.
    ///
    /// - Returns: The accounts.
    /// - Throws: ``KVError``; `CancellationError`.
    public func accounts() async throws -> [Account] {
        var all: [Account] = []
        var seen: Set<AccountID> = []
        var number = 1
        while true {
            let page = try await accountPage(number)
            let fresh = page.filter { seen.insert($0.id).inserted }
            if fresh.isEmpty { return all }
            all += fresh
            number += 1
        }
    }

    private func accountPage(_ number: Int) async throws -> [Account] {
        var request = APIRequest(kind: .accountList, method: .get, path: "/accounts", subject: "the list of accounts")
        request.query = [("page", String(number)), ("per_page", "50")]
        let envelope = try await requester.envelope(request)
        return try requester.read(envelope, request) { envelope throws(JSONFault) in
            var reader = try envelope.requiredResult()
            var accounts: [Account] = []
            try reader.beginArray()
            while try reader.nextElement() {
                let members = try reader.readTexts()
                guard let id = members["id"] else {
                    throw JSONFault(.wrongKind, at: reader.position, "an account without an id")
                }
                accounts.append(Account(id: AccountID(rawValue: id), name: members["name"] ?? ""))
            }
            return accounts
        }
    }
}

extension JSONReader {
    /// Reads an object and keeps the members that are strings.
    fileprivate mutating func readTexts() throws(JSONFault) -> [JSONName: String] {
        var members: [JSONName: String] = [:]
        try beginObject()
        while let name = try nextMember() { members[name] = try readOptionalString() }
        return members
    }
}
