import CMicrohttpd
import Dispatch
import Glibc

/// A daemon of the library: one thread that accepts, reads and writes.
///
/// It retains its engine until it is stopped, which must happen once.
final class Daemon: @unchecked Sendable {  // Its pointers never change, and any thread may make its calls.
    private let raw: OpaquePointer
    private let calls: UnsafeMutablePointer<kvark_mhd_calls>

    /// Starts to accept connections.
    init(_ engine: Engine, _ socket: ListeningSocket, _ options: ServerOptions) throws(ServerError) {
        Self.namePanics()
        calls = .allocate(capacity: 1)
        calls.initialize(
            to: kvark_mhd_calls(
                context: Unmanaged.passRetained(engine).toOpaque(), begin: onTarget, advance: onProgress,
                completed: onCompleted, unescape: onUnescape, log: onMessage))
        var limits = kvark_mhd_limits(
            connections: UInt32(options.connections), idle_seconds: UInt32(options.idleSeconds),
            connection_memory: options.connectionMemory, connection_increment: 4_096)
        guard let raw = kvark_mhd_start(calls, socket.descriptor, &limits) else {
            let reason = String(cString: strerror(errno))
            Self.release(calls)
            throw ServerError(description: "the HTTP library does not start: \(reason)")
        }
        self.raw = raw
    }

    private static func release(_ calls: UnsafeMutablePointer<kvark_mhd_calls>) {
        if let context = calls.pointee.context { Unmanaged<Engine>.fromOpaque(context).release() }
        calls.deallocate()
    }

    /// Accepts no more connections.
    func stopListening() { _ = MHD_quiesce_daemon(raw) }

    /// Closes all connections, none of which may be suspended, and lets go of the engine.
    func stop() async {
        await withCheckedContinuation { done in
            // The library waits for its thread; the threads of tasks are not for waiting.
            DispatchQueue.global().async {
                MHD_stop_daemon(self.raw)
                Self.release(self.calls)
                done.resume()
            }
        }
    }
}

// MARK: - The library's own failure

extension Daemon {
    /// Lets a panic of the library, which ends the process, name its cause on standard error.
    ///
    /// The library panics when it is used against its rules, or when the system denies what cannot be denied.
    package static func namePanics() {
        MHD_set_panic_func(
            { _, file, line, reason in
                let reason = reason.map { String(cString: $0) } ?? "no reason given"
                let file = file.map { String(cString: $0) } ?? "?"
                let text = "the HTTP library cannot go on: \(reason) (\(file), line \(line))\n"
                _ = text.withCString { write(STDERR_FILENO, $0, strlen($0)) }
                abort()
            }, nil)
    }
}
