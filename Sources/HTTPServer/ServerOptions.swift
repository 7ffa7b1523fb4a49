/// Where a server listens, and what it allows its clients.
package struct ServerOptions: Sendable {
    /// The address to listen at.
    package var host = "127.0.0.1"
    /// The port to listen at; 0 takes a free one.
    package var port = 0
    /// How many connections there may be at once; more are closed.
    package var connections = 8_192
    /// How long a connection may do nothing, in seconds.
    ///
    /// Clients keep idle connections for a minute or so; who closes first must not be the server.
    package var idleSeconds = 900
    /// How many bytes each connection has for the head of a request; a longer one is refused.
    package var connectionMemory = 32 * 1024
    /// How long requests in flight may take to finish when the server stops.
    package var gracePeriod = Duration.seconds(10)
    /// Where the server says what it has no other way to say, in lines; called on any thread.
    package var log: @Sendable (String) -> Void = { _ in }

    /// Options with all defaults.
    package init() {}
}
