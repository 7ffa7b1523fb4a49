import Foundation
package import KVModel

/// What the person who starts an embedded server wishes.
package struct KVServerOptions: Sendable {
    /// Where the namespaces live.
    package enum Storage: Hashable, Sendable {
        /// A folder, made if it is not there; what was acknowledged survives a crash.
        case folder(String)
        /// The memory of this process; all is gone when the server stops.
        case inMemory
    }

    /// Where the namespaces live.
    package var storage: Storage
    /// The address to listen at.
    package var host = "127.0.0.1"
    /// The port to listen at; 0 takes a free one.
    package var port = 0
    /// The token clients must show; `nil` takes it from ``tokenFile``, else from the data folder.
    package var token: String?
    /// A file to read the token from.
    package var tokenFile: String?
    /// The id of the server's one account; `nil` keeps the one in the data folder, or makes one.
    package var accountID: AccountID?
    /// How many requests are answered in a window of time; `nil` for no limit.
    package var rateLimit: RateLimit?
    /// How long every answer is held back, as if the server were far away.
    package var latency = Duration.zero
    /// A file to which a line of JSON is appended for each request.
    package var requestLog: String?
    /// How long requests in flight may take to finish when the server stops.
    package var gracePeriod = Duration.seconds(10)
    /// How often what has expired is removed; `nil` leaves that to ``RunningServer/sweep()``.
    package var sweepInterval: Duration? = .seconds(30)
    /// The server's clock.
    package var now: @Sendable () -> UnixTime = { UnixTime(seconds: Int64(Date().timeIntervalSince1970)) }
    /// Where the server says what it has no other way to say, in lines; called on any thread.
    package var log: @Sendable (String) -> Void = { _ in }

    /// Options with all defaults.
    package init(storage: Storage) { self.storage = storage }
}
