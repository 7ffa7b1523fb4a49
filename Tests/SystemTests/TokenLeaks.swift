import Foundation
import KVTestSupport

/// Looks for a token in what a test leaves behind.
enum TokenLeaks {
    /// The files below a folder that hold a token, as they are or decompressed; not the file that a server keeps it in.
    static func find(_ token: String, in folder: String) async throws -> [String] {
        let script = """
            set -euo pipefail
            find . -type f ! -path ./server/token -print0 | sort -z | while IFS= read -r -d '' file; do
                case "$file" in
                *.zst) text=$(zstd -dcq "$file" 2>/dev/null | LC_ALL=C grep -caF -e "$TOKEN" || true) ;;
                *) text=$(LC_ALL=C grep -caF -e "$TOKEN" "$file" || true) ;;
                esac
                test "$text" = 0 || printf '%s\\n' "$file"
            done
            """
        let outcome = try await CommandRunner.run(
            "bash", ["-c", script], environment: CommandRunner.environment(changing: ["TOKEN": token]),
            folder: URL(filePath: folder))
        guard outcome.status == 0, !token.isEmpty else { return ["nowhere looked for: \(outcome.errorText)"] }
        return outcome.outputLines
    }
}
