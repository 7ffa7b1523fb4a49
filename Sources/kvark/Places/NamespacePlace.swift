import CommandArguments
import KVTransfer

/// A namespace as the user names it: an id, a title, or `kv://PROFILE/ID-or-TITLE`.
struct NamespacePlace: ExpressibleByArgument, CustomStringConvertible {
    /// The profile that names the account; `nil` for the account of the environment.
    let profile: String?
    /// The id or title.
    let name: String
    /// The namespace, where it is known already.
    private var known: Namespace?
    /// Whether the name is a title, even if it looks like an id.
    private var isTitle = false

    /// A namespace that was found in an account.
    init(_ namespace: Namespace, of account: AccountPlace) {
        profile = account.profile
        name = namespace.title
        known = namespace
    }

    /// A title in an account.
    init(title: String, of account: AccountPlace) {
        profile = account.profile
        name = title
        isTitle = true
    }

    init?(argument: String) {
        guard argument.hasPrefix("kv://") else {
            guard !argument.isEmpty else { return nil }
            profile = nil
            name = argument
            return
        }
        let parts = argument.dropFirst("kv://".count).split(
            separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[1].isEmpty else { return nil }
        profile = parts[0].isEmpty ? nil : String(parts[0])
        name = String(parts[1])
    }

    /// The place as the user writes it.
    var description: String { profile.map { "kv://\($0)/\(name)" } ?? name }

    /// Lends a client for the place's account, with the namespace looked up.
    ///
    /// - Parameters:
    ///   - connection: How to reach the API.
    ///   - output: What the user wants to be told.
    ///   - ifMissing: What happens when there is no such namespace.
    ///   - body: What to do.
    /// - Returns: What the body returns.
    /// - Throws: What the body throws; ``TransferError`` with `namespaceNotFound`; ``KVError``.
    func withNamespace<Result>(
        _ connection: ConnectionOptions, _ output: OutputOptions, ifMissing: WhenMissing = .fail,
        _ body: (KVClient, Namespace) async throws -> Result
    ) async throws -> Result {
        let options = try connection.clientOptions(profile: profile, output)
        return try await withKVClient(options) { client in
            if let known { return try await body(client, known) }
            return try await body(client, try await resolve(client, ifMissing))
        }
    }

    /// Looks the namespace up: by id where the name has the form of one, else by title.
    private func resolve(_ client: KVClient, _ ifMissing: WhenMissing) async throws -> Namespace {
        if !isTitle, NamespaceID.isWellFormed(name) {
            do {
                return try await client.namespace(NamespaceID(rawValue: name))
            } catch KVError.Code.namespaceNotFound {
                // A title may look like an id.
            }
        }
        let all = try await client.namespaces()
        if let found = all.first(where: { $0.title.utf8.elementsEqual(name.utf8) }) { return found }
        if !isTitle, let found = all.first(where: { $0.id.rawValue == name }) { return found }
        switch ifMissing {
        case .create: return try await Self.create(name, client)
        case .pretend: return Namespace(id: "", title: name)
        case .fail: break
        }
        let titles = all.prefix(10).map { KVKey($0.title).description }.joined(separator: ", ")
        let known = all.isEmpty ? "it has none" : "it has \(titles)\(all.count > 10 ? " and others" : "")"
        throw TransferError(
            .namespaceNotFound,
            "account \(client.options.accountID) has no namespace with the id or title \(KVKey(name)): \(known)")
    }

    /// Makes a namespace and waits until the API knows it, which may take a second or so.
    private static func create(_ title: String, _ client: KVClient) async throws -> Namespace {
        let namespace = try await client.createNamespace(title: title)
        for attempt in 1... {
            do {
                _ = try await client.keyPage(in: namespace.id, limit: KVLimits.listMinimum)
                break
            } catch let error as KVError where error.code == .namespaceNotFound && attempt < 20 {
                try await Task.sleep(for: .milliseconds(500))
            }
        }
        return namespace
    }
}

/// What happens when a namespace that is named is not there.
enum WhenMissing {
    /// An error that says which there are.
    case fail
    /// It is made.
    case create
    /// It is taken for an empty one, to see what would happen.
    case pretend
}
