import Glibc
import Synchronization

/// A server for HTTP/1.1, on libmicrohttpd; see ``withHTTPServer(_:admit:_:)``.
package final class Server: Sendable {
    /// The port that was taken.
    package let port: Int

    private let socket: ListeningSocket
    private let engine: Engine
    private let daemon: Daemon
    /// The end of the server, once it has begun.
    private let stopping = Mutex<Task<Void, Never>?>(nil)

    /// How many requests are in flight: their heads have come, and their answers are not sent yet.
    package var requestsInFlight: Int { engine.requestsInFlight }

    /// Listens; whoever makes a server must stop it.
    init(_ options: ServerOptions, _ admit: @escaping @Sendable (RequestHead) -> RequestPlan) throws(ServerError) {
        // A client that is gone is no reason to end the process.
        signal(SIGPIPE, SIG_IGN)
        socket = try ListeningSocket(host: options.host, port: options.port)
        port = socket.port
        engine = Engine(admit, log: options.log)
        do throws(ServerError) {
            daemon = try Daemon(engine, socket, options)
        } catch {
            socket.close()
            throw error
        }
    }

    /// Takes no more connections, lets requests in flight finish, and cuts them off when the time is over.
    ///
    /// Answers that are begun from now on announce that their connection is closed; one that is on its way already does
    /// not. Idle connections are closed last. The tasks that make answers are cancelled when the time is over, and waited
    /// for. All callers wait for the same end, and the time of the first counts; to cancel a caller changes nothing.
    package func stop(within gracePeriod: Duration) async {
        let task = stopping.withLock { stopping in
            // Not a child of the caller, who may stop because of being cancelled; all callers await it.
            let task = stopping ?? Task { await self.end(within: gracePeriod) }
            stopping = task
            return task
        }
        await task.value
    }

    private func end(within gracePeriod: Duration) async {
        engine.announceEnd()
        daemon.stopListening()
        socket.refuse()
        // Ended below, where its time is over or not needed.
        let deadline = Task { [engine] in
            try await Task.sleep(for: gracePeriod)
            engine.abort()
        }
        await engine.settle()
        deadline.cancel()
        await daemon.stop()
        socket.close()
    }
}
