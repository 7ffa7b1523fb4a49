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
        var shown = text
        let lowered = text.lowercased()
        // To make an expression takes longer than to see that there is nothing for it.
        if text.contains("cf") { shown.replace(/cf(?:ut|at|k|oat)_[A-Za-z0-9_\-]+/, with: "<redacted>") }
        if lowered.contains("bearer") { shown.replace(/(?i)bearer\s+[^\s"',;]+/, with: "Bearer <redacted>") }
        if lowered.contains("x-auth-key") {
            shown.replace(/(?i)x-auth-key:?\s*[^\s"',;]+/, with: "X-Auth-Key <redacted>")
        }
        return shown
    }
}
