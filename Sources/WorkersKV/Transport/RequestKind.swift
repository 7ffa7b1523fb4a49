/// What a request is for; requests are counted by it, and whether one may be repeated depends on it.
public enum RequestKind: String, Hashable, Sendable, CaseIterable {
    /// A page of namespaces.
    case namespaceList = "namespace-list"
    /// A new namespace.
    case namespaceCreate = "namespace-create"
    /// One namespace.
    case namespaceGet = "namespace-get"
    /// A new title for a namespace.
    case namespaceRename = "namespace-rename"
    /// The end of a namespace.
    case namespaceDelete = "namespace-delete"
    /// A page of keys.
    case keyList = "key-list"
    /// One value.
    case valueGet = "value-get"
    /// One value to write.
    case valuePut = "value-put"
    /// One value to delete.
    case valueDelete = "value-delete"
    /// The metadata of one key.
    case metadataGet = "metadata-get"
    /// Up to 100 values.
    case bulkGet = "bulk-get"
    /// Up to 10,000 values to write.
    case bulkWrite = "bulk-write"
    /// Up to 10,000 values to delete.
    case bulkDelete = "bulk-delete"
    /// Whether a token is valid.
    case tokenVerify = "token-verify"
    /// A page of accounts.
    case accountList = "account-list"
    /// A question to the account's analytics.
    case analytics

    /// Whether sending the request twice leaves the same state and the same answer as sending it once.
    ///
    /// A second creation of a namespace would be refused for its title, or make another namespace.
    var isIdempotent: Bool { self != .namespaceCreate }

    /// Whether up to 10,000 keys are changed at once, on which the server may have to work for long.
    var isBulkChange: Bool { self == .bulkWrite || self == .bulkDelete }
}

/// What a client has sent.
public struct RequestStatistics: Hashable, Sendable {
    /// Requests by kind, attempts that failed included.
    public var requests: [RequestKind: Int] = [:]
    /// How many of them were repetitions.
    public var retries = 0
    /// The repetitions by what made them necessary, a ``KVError/Code`` in kebab case; their sum is ``retries``.
    public var retriesByCause: [String: Int] = [:]
    /// How long at least one request was waiting for a limit of the API, in seconds.
    ///
    /// Requests that wait at the same time count once. Pauses before a repetition are not in it.
    public var pausedSeconds = 0.0

    /// Nothing sent yet.
    public init() {}

    /// All requests.
    public var total: Int { requests.values.reduce(0, +) }
}
