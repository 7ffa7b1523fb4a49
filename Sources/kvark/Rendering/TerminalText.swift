import KVTransfer
import Synchronization

/// Makes text of servers, files and people safe to show: it cannot steer a terminal, and it holds no secret.
enum TerminalText {
    private static let secrets = Mutex<Set<String>>([])

    /// Has a secret hidden from now on, whoever says it.
    static func hide(_ secret: String) {
        // What is shorter may be a part of any word.
        if secret.utf8.count >= 8 { _ = secrets.withLock { $0.insert(secret) } }
    }

    /// The text with all that cannot be seen escaped, line ends aside, and without secrets.
    static func safe(_ text: String) -> String {
        var shown = text
        for secret in secrets.withLock({ $0 }) { shown = shown.replacing(secret, with: "<redacted>") }
        return shown.split(separator: "\n", omittingEmptySubsequences: false).map { VisibleText.escaped(String($0)) }
            .joined(separator: "\n")
    }
}
