/// How much of the API's limit of requests a client uses.
///
/// Cloudflare allows a user 1,200 requests in five minutes, over everything that the user runs, and answers nothing for
/// five minutes after that. So a client spreads its requests over the window that the server declares, goes slower when
/// others use the same limit, and leaves them a part. A server that declares no limit, and is not Cloudflare's own, gets
/// the requests as fast as they come.
///
/// Clients of one process with the same credentials at the same address share one limit; the strictest of their policies
/// holds for all of them.
public struct PacingPolicy: Hashable, Sendable {
    /// The most requests in five minutes, instead of what the server declares.
    ///
    /// A stop at ``leaveRequests`` still happens when the server says how many are left.
    public var requestsPerFiveMinutes: Int?
    /// The share of the server's limit that is left to others; without effect on ``requestsPerFiveMinutes``.
    public var headRoom = 0.1
    /// How many of the server's requests are left to others at the least.
    ///
    /// 100 unless given, or a twelfth of a limit that is smaller than Cloudflare's.
    public var leaveRequests: Int?

    /// The default policy.
    public init() {}
}
