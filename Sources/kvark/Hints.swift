import Foundation
import KVTransfer

/// What to do next, said by the command because only it knows its own options.
enum Hints {
    /// The error as one line.
    static func describe(_ error: any Error) -> String {
        let text =
            switch error {
            case is CancellationError: "cancelled"
            case let error as CocoaError: error.localizedDescription
            case let error as POSIXError: String(cString: strerror(error.code.rawValue))
            default: String(describing: error)
            }
        return text.split(whereSeparator: \.isNewline).joined(separator: " ")
    }

    /// How to go on with a backup or a restore that was interrupted.
    static let resumption = "run the same command again: it goes on where it was (--start-over begins anew)"

    /// How to try again what a restore has left out.
    static let unwritten =
        "the other records are written; the same command, with --merge if it had no such option, tries these again"

    /// Hints for an error; most have none.
    static func hints(for error: any Error) -> [String] {
        let own = ownHints(for: error)
        guard CommandRun.stop.isHeeded, isPassing(error) else { return own }
        return own + [resumption]
    }

    /// Whether what went wrong may be over the next time, so that going on is what to do.
    private static func isPassing(_ error: any Error) -> Bool {
        switch error {
        case let error as KVError:
            ![.unauthorized, .routeNotFound, .namespaceNotFound, .tlsFailed, .redirected, .invalidOptions]
                .contains(error.code)
        case let error as VaultError: [.noSpace, .io, .permissionDenied].contains(error.code)
        default: false
        }
    }

    private static func ownHints(for error: any Error) -> [String] {
        switch error {
        case let error as KVError: hints(for: error)
        case let error as TransferError: hints(for: error)
        case let error as ArchiveError: hints(for: error)
        case let error as VaultError where error.code == .noSpace: ["free some space, or name another vault"]
        case let error as CommandFailure: error.hint.map { [$0] } ?? []
        default: []
        }
    }

    private static func hints(for error: KVError) -> [String] {
        switch error.code {
        case .unauthorized:
            [
                "check CLOUDFLARE_API_TOKEN and CLOUDFLARE_ACCOUNT_ID; reading needs the permission Workers KV Storage "
                    + "Read, writing Workers KV Storage Write"
            ]
        case .routeNotFound: ["check CLOUDFLARE_ACCOUNT_ID and CLOUDFLARE_API_BASE_URL (it ends in /client/v4)"]
        case .connectionFailed, .timedOut:
            ["is the address right, and the server up? CLOUDFLARE_API_BASE_URL names the API, HTTPS_PROXY a proxy"]
        case .tlsFailed:
            [
                "if the server's certificate is from an authority of your own, --ca-file FILE names it; otherwise the "
                    + "connection may lead to somebody else"
            ]
        case .redirected:
            [
                "if the API is there, CLOUDFLARE_API_BASE_URL has to name that address; otherwise a proxy or a sign-in page "
                    + "has answered in the API's place"
            ]
        case .dailyQuotaUsed:
            ["the quota is new at 00:00 UTC, in \(Amounts.duration(untilMidnightUTC)); --wait-for-quota waits for it"]
        case .namespaceNotFound: ["kvark namespace list shows the namespaces of the account"]
        case .malformedAnswer:
            ["something between here and the API answered in its place, or CLOUDFLARE_API_BASE_URL is not an API"]
        default: []
        }
    }

    private static var untilMidnightUTC: Duration {
        .seconds(86_400 - Int64(Date().timeIntervalSince1970) % 86_400)
    }

    private static func hints(for error: ArchiveError) -> [String] {
        switch error.code {
        case .notFound: ["name the folder of an archive: VAULT/NAMESPACE/TIME or VAULT/NAMESPACE/latest"]
        case .incomplete:
            ["its backup was interrupted, and the same kvark backup goes on with it, or it is still running"]
        case .unsupportedVersion, .unsupportedFeature: ["a newer kvark made it and can read it"]
        default: ["kvark verify names all the damage; an older archive may be whole"]
        }
    }

    private static func hints(for error: TransferError) -> [String] {
        switch error.code {
        case .targetNotEmpty:
            [
                "--merge writes over keys that both have, --keep-existing writes the others only, --mirror makes the "
                    + "namespace like the source; or name an empty one (--create makes it)"
            ]
        case .tooManyDeletions: ["--max-delete N allows so many, --yes any number; --dry-run counts"]
        case .unknownScope: ["--merge deletes nothing"]
        case .recordsExpiring: ["--expiring skip leaves them out, --expiring extend lets them live a little longer"]
        case .namespaceMixUp: ["back up into another vault, one for each account"]
        case .archiveDamaged: ["kvark verify names all the damage; an older archive may be whole"]
        case .namespaceNotFound:
            [
                "kvark namespace list shows the namespaces of the account; --create of restore, import and copy makes a new one"
            ]
        default: []
        }
    }
}
