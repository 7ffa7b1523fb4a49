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

    /// Hints for an error; most have none.
    static func hints(for error: any Error) -> [String] {
        switch error {
        case let error as KVError: hints(for: error)
        case let error as TransferError: hints(for: error)
        case let error as ArchiveError: hints(for: error)
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
        case .tlsFailed: ["https:// or http://? CLOUDFLARE_API_BASE_URL says which"]
        case .dailyQuotaUsed: ["run it again after 00:00 UTC"]
        case .namespaceNotFound: ["kvark namespace list shows the namespaces of the account"]
        case .malformedAnswer:
            ["something between here and the API answered in its place, or CLOUDFLARE_API_BASE_URL is not an API"]
        default: []
        }
    }

    private static func hints(for error: ArchiveError) -> [String] {
        switch error.code {
        case .notFound: ["name the folder of an archive: VAULT/NAMESPACE/TIME or VAULT/NAMESPACE/latest"]
        case .incomplete: ["its backup was interrupted or is still running; an older archive may be whole"]
        case .unsupportedVersion, .unsupportedFeature: ["a newer kvark made it and can read it"]
        default: ["kvark verify names all the damage; an older archive may be whole"]
        }
    }

    private static func hints(for error: TransferError) -> [String] {
        switch error.code {
        case .targetNotEmpty:
            ["use --merge to write over keys that both have, or name an empty namespace (--create makes one)"]
        case .namespaceMixUp: ["back up into another vault, one for each account"]
        case .archiveDamaged: ["kvark verify names all the damage; an older archive may be whole"]
        case .namespaceNotFound:
            ["kvark namespace list shows the namespaces of the account; kvark restore --create makes a new one"]
        default: []
        }
    }
}
