package import KVModel

/// A server that accepts connections.
package struct RunningServer: Sendable {
    /// The address it listens at.
    package let host: String
    /// The port it listens at.
    package let port: Int
    /// The token clients must show.
    package let token: String
    /// The file that holds the token, if one does.
    package let tokenPath: String?
    /// The id of the server's one account.
    package let accountID: AccountID

    let counter: RequestCounter
    let store: RecordStore

    /// What clients take for `https://api.cloudflare.com/client/v4`.
    package var baseURL: String {
        let address = host.contains(":") ? "[\(host)]" : host
        return "http://\(address):\(port)/client/v4"
    }

    /// How many requests were answered so far, by operation; operations nobody asked for are left out.
    package var requestCounts: [Route: Int] { counter.all }

    /// Removes what has expired and what deleted namespaces left, which otherwise happens by itself.
    ///
    /// - Returns: How many records were removed.
    @discardableResult
    package func sweep() async throws -> Int { try await store.sweep() }
}
