import CommandArguments
import KVTransfer

/// An account as the user names it: `kv://PROFILE/`, and `kv:///` for the one of the environment.
struct AccountPlace: CustomStringConvertible {
    /// The profile that names it; `nil` for the account of the environment.
    let profile: String?

    /// The account of the environment.
    static let ofEnvironment = AccountPlace(profile: nil)

    /// The place as the user writes it.
    var description: String { "kv://\(profile ?? "")/" }

    /// Reads `kv://PROFILE/`.
    init?(argument: String) {
        guard argument.hasPrefix("kv://"), argument.hasSuffix("/") else { return nil }
        let name = argument.dropFirst("kv://".count).dropLast()
        guard !name.contains("/") else { return nil }
        profile = name.isEmpty ? nil : String(name)
    }

    private init(profile: String?) { self.profile = profile }

    /// Lends a client for the account, and all its namespaces.
    func withNamespaces<Result>(
        _ connection: ConnectionOptions, _ output: OutputOptions, _ body: (KVClient, [Namespace]) async throws -> Result
    ) async throws -> Result {
        try await withKVClient(try connection.clientOptions(profile: profile, output)) { client in
            try await body(client, try await client.namespaces())
        }
    }
}

/// A namespace, or all of an account, as a command that takes either is given it.
enum NamespaceOrAccount: ExpressibleByArgument {
    case namespace(NamespacePlace)
    case account(AccountPlace)

    init?(argument: String) {
        if let account = AccountPlace(argument: argument) {
            self = .account(account)
        } else if let namespace = NamespacePlace(argument: argument) {
            self = .namespace(namespace)
        } else {
            return nil
        }
    }

    /// Whether it is an account.
    var isAccount: Bool { if case .account = self { true } else { false } }

    /// The namespace.
    ///
    /// - Throws: `ValidationError` where it is an account.
    var namespace: NamespacePlace {
        get throws {
            switch self {
            case .namespace(let place): return place
            case .account(let account):
                throw ValidationError("\(account) is an account; name a namespace, or use --all")
            }
        }
    }

    /// The account.
    ///
    /// - Throws: `ValidationError` where it is a namespace.
    var account: AccountPlace {
        get throws {
            switch self {
            case .account(let account): return account
            case .namespace(let place):
                throw ValidationError("\(place) is a namespace; --all wants an account, such as kv://PROFILE/")
            }
        }
    }
}
