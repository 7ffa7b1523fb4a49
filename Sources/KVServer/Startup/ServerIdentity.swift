import KVModel

/// The token and the account a server answers for.
struct ServerIdentity: Sendable {
    var token: String
    /// The file that holds the token, if one does.
    var tokenPath: String?
    var accountID: AccountID

    /// Takes both from the options, else from the data folder, else makes them.
    init(_ options: KVServerOptions, folder: DataFolder?) throws(KVServerError) {
        (token, tokenPath) = try Self.token(options, folder)
        accountID = try Self.accountID(options, folder)
    }

    private static func token(
        _ options: KVServerOptions, _ folder: DataFolder?
    ) throws(KVServerError) -> (String, String?) {
        if let token = options.token { return (try checked(token, from: "the options"), nil) }
        if let path = options.tokenFile {
            guard let token = try DataFolder.text(at: path, code: .tokenUnusable) else {
                throw KVServerError(.tokenUnusable, "there is no token file \(path)")
            }
            return (try checked(token, from: path), path)
        }
        guard let folder else { return (RandomText.alphanumeric(40), nil) }
        let token = try folder.text(at: folder.tokenPath) { RandomText.alphanumeric(40) }
        return (try checked(token, from: folder.tokenPath), folder.tokenPath)
    }

    /// A token travels in a header: visible ASCII without spaces.
    private static func checked(_ token: String, from place: String) throws(KVServerError) -> String {
        guard !token.isEmpty, token.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw KVServerError(.tokenUnusable, "the token in \(place) is empty or has spaces or special characters")
        }
        return token
    }

    private static func accountID(_ options: KVServerOptions, _ folder: DataFolder?) throws(KVServerError) -> AccountID
    {
        let id: String
        if let wished = options.accountID?.rawValue {
            id = wished
        } else if let folder {
            id = try folder.text(at: folder.accountIDPath) { RandomText.hexadecimal(32) }
        } else {
            id = RandomText.hexadecimal(32)
        }
        // Accounts and namespaces have ids of the same form.
        guard NamespaceID.isWellFormed(id) else {
            throw KVServerError(.invalidAccountID, "the account id \"\(id)\" is not 32 lowercase hexadecimal digits")
        }
        if let folder, options.accountID != nil { try folder.write(id, to: folder.accountIDPath) }
        return AccountID(rawValue: id)
    }
}
