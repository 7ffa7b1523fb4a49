import KVHTTP

/// A client for the Workers KV REST API: namespaces, keys, values, metadata and bulk operations of one account.
///
///     import WorkersKV
///
///     try await withKVClient(.fromEnvironment()) { client in
///         for try await listed in client.keys(in: "0f2ac74b498b48028cb68387c421e279", prefix: "user:") {
///             let value = try await client.value(of: listed.key, in: "0f2ac74b498b48028cb68387c421e279")
///             print(listed.key, value?.bytes.count ?? 0)
///         }
///     }
///
/// Values are bytes and come back as they were written. Keys travel exact, whatever characters they have; the three that
/// KV does not allow (the empty one, `.` and `..`) are refused before anything is sent. Requests that failed for a
/// passing reason are repeated (``RetryPolicy``), and none is sent sooner than the API's limit allows
/// (``PacingPolicy``). All methods stop at once when their task is cancelled.
public struct KVClient: Sendable {
    /// The options the client was made with.
    public let options: KVClientOptions
    let requester: Requester

    init(options: KVClientOptions, transport: any Transport) {
        self.options = options
        requester = Requester(options: options, transport: transport)
    }

    private init(options: KVClientOptions, requester: Requester) {
        self.options = options
        self.requester = requester
    }

    /// A client that gives up sooner, and shares everything else with this one: connections, counts and limits.
    ///
    /// - Parameter attempts: How often a request is sent at the most, not counting those that met a limit of the API.
    /// - Returns: The client.
    package func limitingAttempts(to attempts: Int) -> KVClient {
        adjusted { $0.retryPolicy.maximumFailures = min($0.retryPolicy.maximumFailures, attempts) }
    }

    /// A client that does not wait for the daily quota, and shares everything else with this one.
    package var notWaitingForDailyQuota: KVClient { adjusted { $0.waitsForDailyQuota = false } }

    private func adjusted(_ adjust: (inout KVClientOptions) -> Void) -> KVClient {
        var options = options
        adjust(&options)
        return KVClient(options: options, requester: requester.withOptions(options))
    }

    /// Whether there is a limit of requests, the API's or one that was asked for, as far as is known.
    package var isLimited: Bool { requester.isLimited }

    /// What the client has sent so far.
    public var statistics: RequestStatistics { requester.statistics }
}

extension KVClient: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The account and the address; no secret.
    public var description: String { "KVClient(account \(options.accountID) at \(options.baseURL))" }

    /// The account and the address; no secret.
    public var debugDescription: String { description }

    /// Hides the headers, which hold the token, from `dump` and from string interpolation of what holds the client.
    public var customMirror: Mirror { Mirror(self, children: []) }
}

/// Lends a client and closes its connections when the body is done.
///
/// - Parameters:
///   - options: How to reach the API; `.fromEnvironment()` for the usual variables.
///   - body: What to do with the client. It must not be kept for later.
/// - Returns: What the body returns.
/// - Throws: What the body throws.
public func withKVClient<Result>(
    _ options: KVClientOptions, _ body: (KVClient) async throws -> Result
) async throws -> Result {
    try await withHTTPClient(HTTPOptions(options)) { http in
        try await body(KVClient(options: options, transport: HTTPTransport(http: http, options: options)))
    }
}
