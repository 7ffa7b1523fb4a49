import Synchronization

/// Sends requests, each once, over a bounded pool of connections.
///
/// It follows no redirect, stores no cookie, asks for no compression and repeats nothing by itself but one thing: a large
/// body that a server refused only because it does not know the question whether it may be sent (417).
///
///     try await withHTTPClient(HTTPOptions()) { http in
///         let request = HTTPRequest(
///             method: "GET", url: "https://example.com/", answerLimit: 1 << 20, stallTimeout: .seconds(30),
///             attemptTimeout: .seconds(300), mayBeSentTwice: true)
///         print(try await http.send(request).status)
///     }
package struct HTTPClient: Sendable {
    private let loop: CurlLoop

    fileprivate init(_ loop: CurlLoop) { self.loop = loop }

    /// Sends a request and reads the whole answer, whatever its status.
    ///
    /// A cancelled request is given up at once, with its connection.
    ///
    /// - Parameter request: The request.
    /// - Returns: The answer.
    /// - Throws: ``HTTPFailure``; `CancellationError`.
    package func send(_ request: HTTPRequest) async throws -> HTTPReply {
        try request.check()
        return try await loop.perform(request)
    }
}

/// Lends a client and closes its connections when the body is done.
///
/// - Parameters:
///   - options: How connections are made.
///   - body: What to do with the client. It must not be kept for later.
/// - Returns: What the body returns.
/// - Throws: What the body throws.
package func withHTTPClient<Result>(
    _ options: HTTPOptions, _ body: (HTTPClient) async throws -> Result
) async throws -> Result {
    let loop = CurlLoop(options: options)
    let result: Result
    do {
        result = try await body(HTTPClient(loop))
    } catch {
        await loop.shutdown()
        throw error
    }
    await loop.shutdown()
    return result
}
