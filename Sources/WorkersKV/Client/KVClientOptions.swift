/// How a client reaches the API.
public struct KVClientOptions: Sendable {
    /// Where the API is; `/accounts/…` is appended.
    ///
    /// Without a slash at the end.
    public var baseURL: String
    /// The account whose namespaces are used.
    public var accountID: AccountID
    /// What proves who is asking.
    public var credentials: Credentials
    /// The proxy, if there is one.
    public var proxy: HTTPProxy?
    /// A PEM file with the certificates of the authorities that are trusted, instead of the system's.
    ///
    /// For an API behind a proxy that looks into TLS, or a server with a certificate of its own.
    public var certificateFile: String?
    /// How often and when a failed request is sent again.
    public var retryPolicy = RetryPolicy()
    /// How much of the API's limit of requests is used.
    public var pacing = PacingPolicy()
    /// Whether requests wait for 00:00 UTC when the free plan's daily quota is used up, instead of failing.
    public var waitsForDailyQuota = false
    /// How long a connection may take to be made.
    public var connectTimeout: Duration = .seconds(10)
    /// How long the server may be silent while an answer is due.
    public var stallTimeout: Duration = .seconds(30)
    /// The same for bulk writes and bulk deletes, on which a server may work for long.
    ///
    /// As long as Cloudflare's own proxy waits for the server behind it; the answer is a 524 then.
    public var bulkStallTimeout: Duration = .seconds(100)
    /// How long one attempt may take in all, so that an answer that drips in cannot last for ever.
    ///
    /// A request with a body gets a second more for every 100,000 bytes, which a slow uplink needs.
    public var attemptTimeout: Duration = .seconds(300)
    /// The most connections to the API at the same time; further requests wait.
    public var maximumConnections = Self.connectionsDefault
    /// Whether HTTP/2 may be spoken where the server offers it.
    public var allowsHTTP2 = false
    /// What the requests call their sender.
    public var userAgent = "kvark"
    /// Told when a request has failed and is going to be sent again: why, after which pause, and how often it was sent.
    public var onRetry: (@Sendable (_ error: KVError, _ pause: Duration, _ attempts: Int) -> Void)?
    /// Told when all requests are going to wait for a limit of the API, and how long; once for each such pause.
    ///
    /// Not told of pauses shorter than two seconds.
    public var onPause: (@Sendable (_ pause: Duration) -> Void)?
    /// Where the client writes what it does, at `debug` and below; nowhere unless given.
    public var logger: (any ClientLog)?
    /// The time and the waiting of pauses.
    package var clock = PaceClock.system

    /// How many connections a client may have unless it is told otherwise.
    ///
    /// As many requests as that hide a tenth of a second of latency from a server that answers a thousand a second.
    public static let connectionsDefault = 128
    /// Cloudflare's own address.
    public static let cloudflareBaseURL = "https://api.cloudflare.com/client/v4"

    /// Options for one account.
    ///
    /// - Parameters:
    ///   - accountID: The account.
    ///   - credentials: What proves who is asking.
    ///   - baseURL: Where the API is; Cloudflare's own address unless given.
    /// - Throws: ``KVError`` with `invalidOptions` when the address is not an http or https URL.
    public init(
        accountID: AccountID, credentials: Credentials, baseURL: String = Self.cloudflareBaseURL
    ) throws(KVError) {
        self.baseURL = try BaseURL.normalized(baseURL)
        self.accountID = accountID
        self.credentials = credentials
    }
}

extension KVClientOptions {
    /// How long an attempt may take: the usual time, and what a slow uplink needs for the body.
    package func attemptTimeout(bodyBytes: Int) -> Duration { attemptTimeout + .milliseconds(bodyBytes / 100) }
}
