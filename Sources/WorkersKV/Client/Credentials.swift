/// What proves to the API who is asking.
///
/// Printing credentials, also by accident and through a mirror, shows no secret.
public struct Credentials: Sendable, Hashable {
    enum Kind: Sendable, Hashable {
        case apiToken(String)
        case globalKey(key: String, email: String)
    }

    let kind: Kind

    /// An API token: of a user, of an account, or from `wrangler login`.
    ///
    /// - Parameter token: The token; white space around it, as a file ends with, is removed.
    /// - Returns: Credentials that send `Authorization: Bearer`.
    /// - Throws: ``KVError`` with `invalidOptions` when the text cannot be a token.
    public static func apiToken(_ token: String) throws(KVError) -> Self {
        Self(kind: .apiToken(try headerValue(token, "API token")))
    }

    /// The global API key of a user with the user's e-mail address.
    ///
    /// - Parameters:
    ///   - key: The key.
    ///   - email: The address.
    /// - Returns: Credentials that send `X-Auth-Key` and `X-Auth-Email`.
    /// - Throws: ``KVError`` with `invalidOptions` when one of the texts is empty or cannot be a header.
    public static func globalKey(_ key: String, email: String) throws(KVError) -> Self {
        Self(kind: .globalKey(key: try headerValue(key, "API key"), email: try headerValue(email, "e-mail address")))
    }

    /// The headers to send.
    var headers: [(name: String, value: String)] {
        switch kind {
        case .apiToken(let token): [("authorization", "Bearer \(token)")]
        case .globalKey(let key, let email): [("x-auth-key", key), ("x-auth-email", email)]
        }
    }

    /// The texts that no message may show.
    package var secrets: [String] {
        switch kind {
        case .apiToken(let token): [token]
        case .globalKey(let key, _): [key]
        }
    }

    private static func headerValue(_ text: String, _ what: String) throws(KVError) -> String {
        let trimmed = text.trimmingWhitespace()
        guard !trimmed.isEmpty else { throw KVError(.invalidOptions, "the \(what) is empty") }
        guard trimmed.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw KVError(.invalidOptions, "the \(what) has a character that cannot be part of one")
        }
        return trimmed
    }
}

extension Credentials: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The kind of credentials, without the secret.
    public var description: String {
        switch kind {
        case .apiToken: "API token <redacted>"
        case .globalKey: "global API key <redacted>"
        }
    }

    /// The kind of credentials, without the secret.
    public var debugDescription: String { description }

    /// Hides the secret from `dump` and from string interpolation of what holds it.
    public var customMirror: Mirror { Mirror(self, children: []) }
}

extension String {
    /// The string without spaces, tabs and line ends around it.
    func trimmingWhitespace() -> String {
        let isBlank: (Character) -> Bool = { $0.isWhitespace || $0.isNewline }
        guard let first = firstIndex(where: { !isBlank($0) }), let last = lastIndex(where: { !isBlank($0) }) else {
            return ""
        }
        return String(self[first...last])
    }
}
