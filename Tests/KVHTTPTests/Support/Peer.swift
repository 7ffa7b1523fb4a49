import Foundation
import Glibc
import Synchronization

/// A server of `Tests/HTTPPeers`, for one test alone.
final class Peer: Sendable {
    /// What has happened at the server.
    struct Event: Decodable, Sendable {
        /// `connected`, `head`, `body`, `sent`, `finished`, `gone` (the client), `closed` (the connection) or `counts`.
        var event: String
        var port: Int?
        /// The head of a request.
        var text: String?
        /// The length of a body, and its SHA-256 in hexadecimal.
        var count: Int?
        var sha256: String?
        /// How many connections came, how many requests, and how many of HTTP/2 were not looked at.
        var connections: Int?
        var requests: Int?
        var refused: Int?
        /// The most connections at the same time.
        var most: Int?
    }

    private struct State {
        var events: [Event] = []
        var waiters: [(id: Int, kind: String, continuation: CheckedContinuation<Event, any Error>)] = []
        var lastID = 0
        var isOver = false
    }

    /// Where the server listens.
    let port: Int
    private let scheme: String
    private let descriptor: Int32
    private let state: Mutex<State>

    private init(_ descriptor: Int32, port: Int, scheme: String, state: consuming Mutex<State>) {
        self.descriptor = descriptor
        self.port = port
        self.scheme = scheme
        self.state = state
    }

    /// Opens a server.
    fileprivate static func open(_ plan: PeerPlan) async throws -> Peer {
        let descriptor = try await PeerProcess.shared.value.connect()
        var lines = LineReader(descriptor: descriptor)
        try send(Array(JSONEncoder().encode(plan)) + [0x0A], to: descriptor)
        guard let port = lines.next()?.port else { throw PeerProcess.Failure(description: "no server for a test") }
        let peer = Peer(
            descriptor, port: port, scheme: plan.tls == nil ? "http" : "https", state: Mutex(State()))
        Thread.detachNewThread { [lines] in
            var lines = lines
            while let event = lines.next() { peer.add(event) }
            peer.end()
        }
        return peer
    }

    /// Ends the server and all its connections.
    fileprivate func close() { shutdown(descriptor, Int32(SHUT_RDWR)) }

    deinit { Glibc.close(descriptor) }

    /// The address of something on this server.
    func url(_ path: String = "/", scheme: String? = nil) -> String {
        "\(scheme ?? self.scheme)://\(host)\(path)"
    }

    /// The host with its port, as messages name it.
    var host: String { "127.0.0.1:\(port)" }

    /// Opens the gate at which answers wait.
    func openGate() throws { try Self.send(Array("go\n".utf8), to: descriptor) }

    /// The counts so far.
    func counts() async throws -> Event {
        try Self.send(Array("ask\n".utf8), to: descriptor)
        return try await next("counts")
    }

    private static func send(_ bytes: [UInt8], to descriptor: Int32) throws {
        let count = Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
        guard count == bytes.count else { throw PeerProcess.Failure(description: "a test's server is gone") }
    }
}

// MARK: - Events

extension Peer {
    /// Takes the next event of a kind, and waits for it if need be.
    @discardableResult func next(_ kind: String) async throws -> Event {
        let id = state.withLock { state in
            state.lastID += 1
            return state.lastID
        }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let event: Event?? = state.withLock { state in
                    if let index = state.events.firstIndex(where: { $0.event == kind }) {
                        return state.events.remove(at: index)
                    }
                    if state.isOver { return .some(nil) }
                    state.waiters.append((id, kind, continuation))
                    return nil
                }
                if let event { Self.resume(continuation, event) }
                if Task.isCancelled { giveUp(id) }
            }
        } onCancel: {
            giveUp(id)
        }
    }

    /// The events of a kind that have come and were not taken.
    func seen(_ kind: String) -> [Event] { state.withLock { $0.events.filter { $0.event == kind } } }

    private static func resume(_ continuation: CheckedContinuation<Event, any Error>, _ event: Event?) {
        if let event {
            continuation.resume(returning: event)
        } else {
            continuation.resume(throwing: PeerProcess.Failure(description: "a test's server is gone"))
        }
    }

    private func giveUp(_ id: Int) {
        let waiter = state.withLock { state in
            state.waiters.firstIndex { $0.id == id }.map { state.waiters.remove(at: $0) }
        }
        waiter?.continuation.resume(throwing: CancellationError())
    }

    private func add(_ event: Event) {
        let waiter = state.withLock { state in
            guard let index = state.waiters.firstIndex(where: { $0.kind == event.event }) else {
                state.events.append(event)
                return nil as CheckedContinuation<Event, any Error>?
            }
            return state.waiters.remove(at: index).continuation
        }
        waiter?.resume(returning: event)
    }

    private func end() {
        let waiters = state.withLock { state in
            state.isOver = true
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { Self.resume(waiter.continuation, nil) }
    }
}

/// Events out of a socket.
private struct LineReader: Sendable {
    let descriptor: Int32
    private var bytes: [UInt8] = []

    init(descriptor: Int32) { self.descriptor = descriptor }

    mutating func next() -> Peer.Event? {
        while true {
            if let end = bytes.firstIndex(of: 0x0A) {
                defer { bytes.removeSubrange(...end) }
                return try? JSONDecoder().decode(Peer.Event.self, from: Data(bytes[..<end]))
            }
            var piece = [UInt8](repeating: 0, count: 65_536)
            let count = recv(descriptor, &piece, piece.count, 0)
            guard count > 0 else { return nil }
            bytes += piece[..<count]
        }
    }
}

/// Lends a server.
func withPeer<Result>(_ plan: PeerPlan, _ body: (Peer) async throws -> Result) async throws -> Result {
    let peer = try await Peer.open(plan)
    defer { peer.close() }
    return try await body(peer)
}
