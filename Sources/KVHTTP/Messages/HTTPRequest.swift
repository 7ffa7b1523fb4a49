/// A request that is sent once.
package struct HTTPRequest: Sendable {
    /// `GET`, `PUT` and so on, in capitals.
    package var method: String
    /// The whole address, percent-encoded; it arrives as it is, `..` included.
    package var url: String
    /// The headers; how the body is framed is the client's own business.
    package var headers: [(name: String, value: String)] = []
    /// What is sent; without it, `POST`, `PUT` and `PATCH` say that they are empty.
    package var body: HTTPBody?
    /// The largest body of an answer that is read; a larger one is an error, so that no server can fill the memory.
    package var answerLimit: Int
    /// How long nothing may go in either direction, once there is a connection.
    package var stallTimeout: Duration
    /// How long all of it may take, from when there is room for it among the connections.
    package var attemptTimeout: Duration
    /// Whether it is harmless when the server gets the request, and this client does not learn it and sends it again.
    ///
    /// If it is not, the request gets a connection of its own, because one that was used before may be closed by the
    /// server while the request is on its way.
    package var mayBeSentTwice: Bool

    /// Puts a request together.
    package init(
        method: String, url: String, answerLimit: Int, stallTimeout: Duration, attemptTimeout: Duration,
        mayBeSentTwice: Bool
    ) {
        self.method = method
        self.url = url
        self.answerLimit = answerLimit
        self.stallTimeout = stallTimeout
        self.attemptTimeout = attemptTimeout
        self.mayBeSentTwice = mayBeSentTwice
    }
}

/// What is sent with a request, copied piece by piece into the connection's buffer when that has room.
///
/// A large array handed over whole would be held twice.
package enum HTTPBody: Sendable {
    /// Bytes as they are.
    case bytes([UInt8])
    /// Texts that become a JSON array.
    case array([[UInt8]])

    /// The length of the body, in bytes.
    package var count: Int {
        switch self {
        case .bytes(let bytes): bytes.count
        // Two brackets, and a comma before each but the first.
        case .array(let texts): texts.reduce(max(2, texts.count + 1)) { $0 + $1.count }
        }
    }
}
