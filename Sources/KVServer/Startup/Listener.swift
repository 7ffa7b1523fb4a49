import HTTPServer

/// Answers requests for as long as a piece of work takes, and finishes those in flight afterwards.
///
/// - Parameters:
///   - options: Where to listen, and how long requests in flight may take to finish.
///   - door: Answers requests.
///   - body: The work, which gets the port that was taken.
/// - Returns: What `body` returns.
/// - Throws: `addressUnavailable`; a `CancellationError` if the task was cancelled before; what `body` throws.
func withListener<Result>(
    _ options: KVServerOptions, _ door: HTTPFrontDoor, _ body: (_ port: Int) async throws -> Result
) async throws -> Result {
    try Task.checkCancellation()
    var http = ServerOptions()
    http.host = options.host
    http.port = options.port
    http.gracePeriod = options.gracePeriod
    http.log = options.log
    let outcome: Swift.Result<Result, any Error>
    do {
        outcome = try await withHTTPServer(http, admit: door.admit) { server in
            do {
                return .success(try await body(server.port))
            } catch {
                return .failure(error)
            }
        }
    } catch {
        // Not of `body`, whose errors come as results.
        throw KVServerError(
            .addressUnavailable, "cannot listen at \(options.host) port \(options.port): \(error)", cause: error)
    }
    return try outcome.get()
}
