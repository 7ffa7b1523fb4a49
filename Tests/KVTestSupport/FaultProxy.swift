import Foundation
import Glibc
import Synchronization

/// An HTTP proxy that stands between a client and a server and lets things go wrong.
///
/// What a client makes of a fault shows only when the server behind it is whole: whether a write that was answered by
/// a reset happened once, twice or not at all is a question for the server.
///
///     try await FaultProxy.withProxy(to: server.port, plan: .random(Fault.allCases, chance: 0.02, seed: 7)) { proxy in
///         let client = makeClient("http://127.0.0.1:\(proxy.port)/client/v4")
///     }
package final class FaultProxy: Sendable {
    private struct State {
        var isStopped = false
        /// The sockets of clients and to the server that are in use.
        var descriptors: Set<Int32> = []
        var generator: SeededGenerator
        var arrivals = 0
        var injected: [Fault: Int] = [:]
        var forwarded = 0
        var lists = ListMemory()
    }

    /// Where the proxy listens.
    package let port: Int
    private let listener: Int32
    private let upstreamPort: Int
    private let plan: FaultPlan
    private let state: Mutex<State>

    /// How often each fault has happened.
    package var injected: [Fault: Int] { state.withLock { $0.injected } }

    /// How many requests have been sent to the server; one that is repeated counts twice.
    package var forwarded: Int { state.withLock { $0.forwarded } }

    private init(to upstreamPort: Int, plan: FaultPlan) throws {
        (listener, port) = try SocketStream.listen()
        self.upstreamPort = upstreamPort
        self.plan = plan
        state = Mutex(State(generator: SeededGenerator(seed: plan.seed)))
    }

    /// Runs a proxy while the body runs.
    ///
    /// Requests that are still waiting when the body ends lose their connections.
    ///
    /// - Parameters:
    ///   - upstreamPort: Where on the loopback interface the server listens.
    ///   - plan: Which requests meet which faults.
    ///   - body: The test.
    /// - Returns: What the body returns.
    /// - Throws: What the body throws.
    package static func withProxy<Result>(
        to upstreamPort: Int, plan: FaultPlan, _ body: (FaultProxy) async throws -> Result
    ) async throws -> Result {
        let proxy = try FaultProxy(to: upstreamPort, plan: plan)
        Thread.detachNewThread { proxy.acceptClients() }
        defer { proxy.stop() }
        return try await body(proxy)
    }

    private func stop() {
        // Descriptors are closed by the threads that use them: a number that is closed under a thread may by then be
        // another test's connection.
        state.withLock { state in
            state.isStopped = true
            for descriptor in state.descriptors { shutdown(descriptor, Int32(SHUT_RDWR)) }
        }
        shutdown(listener, Int32(SHUT_RDWR))
    }

    private func acceptClients() {
        while let descriptor = SocketStream.accept(listener), register(descriptor) {
            Thread.detachNewThread { [self] in
                let session = Session(proxy: self, client: SocketStream(descriptor))
                // A broken connection ends its session, and the other side learns of it by the close.
                try? session.serve()
                session.dropUpstream()
                closeRegistered(descriptor)
            }
        }
        close(listener)
    }
}

// MARK: - For sessions

extension FaultProxy {
    /// Connects to the server.
    func connectUpstream() throws -> SocketStream {
        let descriptor = try SocketStream.connect(to: upstreamPort)
        guard register(descriptor) else { throw SocketStream.Failure.ended }
        return SocketStream(descriptor)
    }

    /// Has a socket shut down when the proxy stops; once it has stopped, closes it at once and returns false.
    private func register(_ descriptor: Int32) -> Bool {
        state.withLock { state in
            if state.isStopped { close(descriptor) } else { state.descriptors.insert(descriptor) }
            return !state.isStopped
        }
    }

    /// Closes a socket, while nobody can shut down another one of the same number.
    func closeRegistered(_ descriptor: Int32) {
        state.withLock { state in
            state.descriptors.remove(descriptor)
            close(descriptor)
        }
    }

    /// Chooses the fault of a request.
    ///
    /// - Parameters:
    ///   - request: The request, perhaps without the end of its body.
    ///   - call: What it asks.
    ///   - hasUnreadBody: Whether the end of its body is still to come.
    /// - Returns: The fault, and a number for what there is to choose about its details.
    func decide(_ request: ScriptedServer.Request, _ call: APICall, hasUnreadBody: Bool) -> (Fault?, detail: UInt64) {
        let (index, lot, detail, fitting) = state.withLock { state in
            // Each request takes as many numbers, whatever becomes of it, so that no choice depends on those before.
            let lot = Double.random(in: 0..<1, using: &state.generator)
            let detail = state.generator.next()
            let fitting = Fault.allCases.filter {
                $0.fits(call, hasUnreadBody: hasUnreadBody, lists: state.lists)
            }
            defer { state.arrivals += 1 }
            return (state.arrivals, lot, detail, Set(fitting))
        }
        // The plan may be a test's own code, which may look at this proxy.
        return (plan.choose(from: fitting, for: request, index: index, lot: lot), detail)
    }

    /// Counts a request that was sent to the server.
    func countForwarded() { state.withLock { $0.forwarded += 1 } }

    /// Counts a fault.
    func count(_ fault: Fault) { state.withLock { $0.injected[fault, default: 0] += 1 } }

    /// Works with what the proxy remembers of lists.
    func withLists<Result: Sendable>(_ body: (inout ListMemory) -> Result) -> Result {
        state.withLock { body(&$0.lists) }
    }
}
