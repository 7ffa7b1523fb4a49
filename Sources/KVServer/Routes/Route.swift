import KVModel

/// The operations of the API, by the names they have in the request log.
package enum Route: String, CaseIterable, Sendable {
    case namespacesList = "namespaces-list"
    case namespaceCreate = "namespace-create"
    case namespaceGet = "namespace-get"
    case namespaceRename = "namespace-rename"
    case namespaceDelete = "namespace-delete"
    case keysList = "keys-list"
    case valueGet = "value-get"
    case valuePut = "value-put"
    case valueDelete = "value-delete"
    case metadataGet = "metadata-get"
    case bulkPut = "bulk-put"
    case bulkDelete = "bulk-delete"
    case bulkGet = "bulk-get"
    case accountsList = "accounts-list"
    case accountGet = "account-get"
    case membershipsList = "memberships-list"
    case tokenVerify = "token-verify"
    case userGet = "user-get"
    /// A request for which there is no operation.
    case none

    /// What the API calls the operation in its messages.
    var operation: String {
        switch self {
        case .namespacesList: "list namespaces"
        case .namespaceCreate: "create namespace"
        case .namespaceGet: "get namespace"
        case .namespaceRename: "rename namespace"
        case .namespaceDelete: "remove namespace"
        case .keysList: "list keys"
        case .valueGet: "get"
        case .valuePut: "put"
        case .valueDelete: "remove key"
        case .metadataGet: "metadata"
        case .bulkPut: "bulk put keys"
        case .bulkDelete: "bulk remove keys"
        case .bulkGet: "bulk get keys"
        case .accountsList, .accountGet, .membershipsList, .tokenVerify, .userGet, .none: rawValue
        }
    }

    /// The parameters of the query that the operation reads.
    var parameters: Set<String> {
        switch self {
        case .namespacesList: ["page", "per_page", "order", "direction"]
        case .accountsList, .membershipsList: ["page", "per_page", "order", "direction", "name", "status"]
        case .keysList: ["prefix", "limit", "cursor"]
        case .valuePut: ["expiration", "expiration_ttl"]
        default: []
        }
    }

    /// The longest request body that is read; what comes after is thrown away and answered with 413.
    var bodyLimit: Int {
        switch self {
        // A multipart form adds its boundaries and the metadata; the value itself is measured again.
        case .valuePut: KVLimits.valueBytes + 1_048_576
        case .bulkPut, .bulkDelete: KVLimits.bulkRequestBytes
        case .bulkGet: 4_194_304
        case .namespaceCreate, .namespaceRename: 1_048_576
        default: 0
        }
    }
}

/// What a method and a path ask for.
package struct RouteMatch: Sendable {
    /// The operation, or `none`.
    package var route: Route
    /// The methods of the path, when the path exists and the method does not.
    var allowedMethods: [String] = []
    /// Whether the path has nothing between two slashes, or after the last one, where an id or a name belongs.
    var lacksName = false
    /// The account in the path.
    var account: String?
    /// The namespace in the path.
    var namespace: String?
    /// The rest of the path that is a key, still percent-encoded.
    package var encodedKey: [UInt8] = []

    /// Finds the operation.
    package init(method: String, target: RequestTarget) {
        route = .none
        var segments = target.segments[...]
        guard segments.popFirst()?.elementsEqual("client".utf8) == true,
            segments.popFirst()?.elementsEqual("v4".utf8) == true
        else { return }
        let names = segments.prefix(9).map { String(decoding: $0, as: UTF8.self) }
        // A client that tidies paths makes `…/NAMESPACE/` of the key `..`, and a deletion of this key must not become one of
        // the namespace. Only what follows `values/` and `metadata/` may be empty, because that is a key.
        let isKey = names.count > 7 && (names[6] == "values" || names[6] == "metadata")
        lacksName = names.count > 1 && names.prefix(isKey ? 7 : 9).contains("")
        guard !lacksName else { return }
        var methods: [String: Route] = [:]
        if names.first == "accounts" {
            methods = matchAccount(Array(names.dropFirst()), target)
        } else if names == ["user", "tokens", "verify"] {
            methods = ["GET": .tokenVerify]
        } else if names == ["user"] {
            methods = ["GET": .userGet]
        } else if names == ["memberships"] {
            methods = ["GET": .membershipsList]
        }
        choose(method, from: methods)
    }

    private mutating func choose(_ method: String, from methods: [String: Route]) {
        if let found = methods[method] {
            route = found
        } else {
            allowedMethods = methods.keys.sorted()
        }
    }

    private mutating func matchAccount(_ names: [String], _ target: RequestTarget) -> [String: Route] {
        guard let id = names.first else { return ["GET": .accountsList] }
        account = id
        let rest = names.dropFirst()
        if rest.isEmpty { return ["GET": .accountGet] }
        if rest.elementsEqual(["tokens", "verify"]) { return ["GET": .tokenVerify] }
        guard rest.starts(with: ["storage", "kv", "namespaces"]) else { return [:] }
        return matchNamespace(Array(rest.dropFirst(3)), target)
    }

    private mutating func matchNamespace(_ names: [String], _ target: RequestTarget) -> [String: Route] {
        guard let id = names.first else { return ["GET": .namespacesList, "POST": .namespaceCreate] }
        namespace = id
        switch Array(names.dropFirst()) {
        case []: return ["GET": .namespaceGet, "PUT": .namespaceRename, "DELETE": .namespaceDelete]
        case ["keys"]: return ["GET": .keysList]
        case ["bulk"]: return ["PUT": .bulkPut, "DELETE": .bulkDelete]
        case ["bulk", "get"]: return ["POST": .bulkGet]
        case ["bulk", "delete"]: return ["POST": .bulkDelete]
        case let tail where tail.count >= 2 && tail[0] == "values":
            encodedKey = Self.tail(of: target)
            return ["GET": .valueGet, "PUT": .valuePut, "DELETE": .valueDelete]
        case let tail where tail.count >= 2 && tail[0] == "metadata":
            encodedKey = Self.tail(of: target)
            return ["GET": .metadataGet]
        default: return [:]
        }
    }

    /// All that follows `/client/v4/accounts/A/storage/kv/namespaces/N/values/`, raw slashes included.
    private static func tail(of target: RequestTarget) -> [UInt8] {
        let tail = target.path.split(separator: 0x2F, maxSplits: 10, omittingEmptySubsequences: false).last ?? []
        return Array(tail)
    }
}
