import Foundation
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore

/// The part of a server that accepts connections, from its start to its stop.
struct Listener: Sendable {
    /// The port that was taken.
    let port: Int
    private let server: Server<HTTP1Channel>
    private let serving: Task<Void, any Error>

    /// Listens, and returns when connections are accepted.
    ///
    /// - Throws: `addressUnavailable`.
    init(_ options: KVServerOptions, _ door: HTTPFrontDoor) async throws {
        let (starts, start) = AsyncStream.makeStream(of: Int.self, bufferingPolicy: .bufferingOldest(1))
        let server = Server(
            childChannelSetup: HTTP1Channel(
                responder: { request, writer, _ in try await door.respond(to: request, writer) },
                // Clients keep idle connections for a minute or so; who closes first must not be the server.
                configuration: .init(idleTimeout: .minutes(15))),
            configuration: ServerConfiguration(
                address: .hostname(options.host, port: options.port), serverName: nil, backlog: 256),
            onServerRunning: { start.yield($0.localAddress?.port ?? options.port) },
            eventLoopGroup: EventLoopGroupProvider.singleton.eventLoopGroup,
            logger: options.logger)
        // Not a child task: a cancelled parent would cut requests in flight. `stop` ends it and waits for its end.
        let serving = Task {
            defer { start.finish() }
            try await server.run()
        }
        guard let port = await starts.first(where: { _ in true }) else {
            try? await server.shutdownGracefully()
            serving.cancel()
            try await Self.explain(serving, options)
            throw CancellationError()
        }
        self.port = port
        self.server = server
        self.serving = serving
    }

    private static func explain(_ serving: Task<Void, any Error>, _ options: KVServerOptions) async throws {
        do {
            try await serving.value
        } catch is CancellationError {
            // Of whoever starts the server: nothing is wrong with the address.
            throw CancellationError()
        } catch {
            let reason = (error as? IOError).map { String(cString: strerror($0.errnoCode)) } ?? "\(error)"
            throw KVServerError(
                .addressUnavailable,
                "cannot listen at \(options.host) port \(options.port): \(reason)", cause: error)
        }
    }

    /// Accepts no more connections, lets requests in flight finish, and cuts them off when the time is over.
    func stop(within gracePeriod: Duration) async {
        let deadline = Task {
            try await Task.sleep(for: gracePeriod)
            serving.cancel()
        }
        try? await server.shutdownGracefully()
        _ = await serving.result
        deadline.cancel()
    }
}
