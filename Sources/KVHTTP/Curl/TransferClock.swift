/// When a transfer is too late.
struct TransferClock {
    private let stallTimeout: Duration
    /// When all of it must be over.
    let end: ContinuousClock.Instant
    private var lastSign: ContinuousClock.Instant
    private(set) var isConnected = false

    init(_ request: HTTPRequest, now: ContinuousClock.Instant) {
        // No sum with a time that is now may overflow.
        stallTimeout = min(request.stallTimeout, Self.forever)
        end = now + min(request.attemptTimeout, Self.forever)
        lastSign = now
    }

    private static let forever: Duration = .seconds(1 << 31)

    /// Something went over the connection.
    mutating func sawSign(at now: ContinuousClock.Instant = .now) { lastSign = now }

    /// The connection is there: from now on, something has to happen on it.
    mutating func connected(at now: ContinuousClock.Instant = .now) {
        isConnected = true
        lastSign = now
    }

    /// When it is too late, unless something happens before.
    ///
    /// How long a connection may take to be made is the library's business.
    var deadline: ContinuousClock.Instant { isConnected ? min(end, lastSign + stallTimeout) : end }

    /// When to look again: the deadline of a transfer that is not yet connected comes nearer when it is.
    func nextLook(after now: ContinuousClock.Instant) -> ContinuousClock.Instant {
        isConnected ? deadline : min(end, now + stallTimeout)
    }
}
