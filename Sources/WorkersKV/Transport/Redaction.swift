/// Keeps secrets out of messages, whoever wrote them.
struct Redaction: Sendable {
    private let secrets: [String]

    init(_ credentials: Credentials) { secrets = credentials.secrets }

    /// The text without the client's own secrets and without anything that has the form of one of Cloudflare's.
    func apply(_ text: String) -> String {
        var text = text
        for secret in secrets { text = text.replacing(secret, with: "<redacted>") }
        return Self.hidingTokens(in: text)
    }

    /// Hides what looks like a token: the prefixes that Cloudflare gives its tokens, and whatever follows `Bearer`.
    static func hidingTokens(in text: String) -> String {
        text.replacing(/cf(?:ut|at|k|oat)_[A-Za-z0-9_\-]+/, with: "<redacted>")
            .replacing(/(?i)bearer\s+[^\s"',;]+/, with: "Bearer <redacted>")
            .replacing(/(?i)x-auth-key:?\s*[^\s"',;]+/, with: "X-Auth-Key <redacted>")
    }
}
