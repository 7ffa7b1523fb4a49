/// Runs a server for as long as a piece of work takes.
///
///     try await withHTTPServer(ServerOptions()) { head in
///         .take(bodyUpTo: 1_024) { body in Response(status: 200, body: body.bytes) }
///     } _: { server in
///         print(server.port)
///         try await Task.sleep(for: .seconds(60))
///     }
///
/// The server accepts connections when `body` is called, and stops when `body` returns or throws: requests in flight are
/// finished, for `gracePeriod` at most. To stop it from outside, cancel the task, and let `body` return at that.
///
/// - Parameters:
///   - options: Where to listen, and what clients may do.
///   - admit: Decides from its head what is to be done with a request. Called on the server's one thread, so that it must
///     not wait for anything.
///   - body: The work.
/// - Returns: What `body` returns.
/// - Throws: A ``ServerError`` if the server cannot start; what `body` throws.
package func withHTTPServer<Result>(
    _ options: ServerOptions, admit: @escaping @Sendable (RequestHead) -> RequestPlan,
    _ body: (Server) async throws -> Result
) async throws -> Result {
    let server = try Server(options, admit)
    let outcome: Swift.Result<Result, any Error>
    do {
        outcome = .success(try await body(server))
    } catch {
        outcome = .failure(error)
    }
    await server.stop(within: options.gracePeriod)
    return try outcome.get()
}
