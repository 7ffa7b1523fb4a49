import Dispatch
import Glibc
import Synchronization

/// A connection that sends exactly the bytes it is given, and reads what comes back.
final class RawClient: Sendable {
    /// A connection that broke, or an answer that is none.
    struct Failure: Error {
        var reason: String
    }

    private let descriptor: Int32
    /// What came and belongs to the next answer.
    private let rest = Mutex<[UInt8]>([])
    // The server's tasks need the threads of the concurrency pool; blocking calls stay away from them.
    private let queue = DispatchQueue(label: "raw-client")

    /// Connects over loopback.
    init(port: Int) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        // A server that hangs fails the test.
        var patience = timeval(tv_sec: 60, tv_usec: 0)
        let size = socklen_t(MemoryLayout<timeval>.size)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, size)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience, size)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr = in_addr(s_addr: in_addr_t(0x7F00_0001).bigEndian)
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else { throw Failure(reason: "connect: \(errno)") }
    }

    deinit { close(descriptor) }

    /// Sends bytes without waiting for an answer.
    func send(_ bytes: [UInt8]) async throws {
        try await blocking { [descriptor] in
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = rest.withUnsafeBytes {
                    Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
                }
                guard count > 0 else { throw Failure(reason: "send: \(errno)") }
                rest = rest.dropFirst(count)
            }
        }
    }

    /// Sends a text without waiting for an answer.
    func send(_ text: String) async throws { try await send(Array(text.utf8)) }

    /// Says that nothing more will be sent.
    func finishSending() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// Lets the connection break off with a reset when the last reference to it goes.
    func resetOnClose() {
        var option = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
    }

    /// Reads one answer, without a body whatever its length says if it is one to HEAD; `nil` at the connection's end.
    func receive(isBodiless: Bool = false) async throws -> RawAnswer? {
        try await blocking { [self] in
            var bytes = rest.withLock { $0 }
            while true {
                if let (answer, count) = RawAnswer.parse(bytes, isBodiless: isBodiless) {
                    rest.withLock { [bytes] in $0 = Array(bytes.dropFirst(count)) }
                    return answer
                }
                guard let piece = try readPiece() else {
                    if bytes.isEmpty { return nil }
                    throw Failure(reason: "broken off: \(String(decoding: bytes, as: UTF8.self))")
                }
                bytes += piece
            }
        }
    }

    /// Whether the connection ends and nothing comes before its end.
    func ends() async throws -> Bool {
        try await blocking { [self] in try rest.withLock { $0 }.isEmpty && readPiece() == nil }
    }

    /// The next bytes; `nil` at the end or after a reset.
    private func readPiece() throws -> [UInt8]? {
        var piece = [UInt8](repeating: 0, count: 1 << 16)
        let count = recv(descriptor, &piece, piece.count, 0)
        if count < 0, errno == EAGAIN { throw Failure(reason: "nothing came for a minute") }
        return count > 0 ? Array(piece.prefix(count)) : nil
    }

    private func blocking<Result: Sendable>(_ work: @escaping @Sendable () throws -> Result) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            queue.async { continuation.resume(with: Swift.Result { try work() }) }
        }
    }
}
