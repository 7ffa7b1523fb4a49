import Foundation
import Glibc

/// A connected TCP socket that is read through a buffer, by one thread.
///
/// It does not close its descriptor: who registers a descriptor also closes it.
final class SocketStream {
    /// Why a connection cannot be used any more.
    enum Failure: Error {
        /// The other side closed or reset it, or it was shut down here.
        case ended
        /// What came over it is not HTTP.
        case malformed
    }

    let descriptor: Int32
    private var buffer = [UInt8](repeating: 0, count: 256 << 10)
    /// The part of the buffer that has been received and not yet read.
    private var unread = 0..<0

    init(_ descriptor: Int32) {
        self.descriptor = descriptor
        // Heads and bodies are sent apart, and the second must not wait until the first is acknowledged.
        var isOn: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &isOn, socklen_t(MemoryLayout<Int32>.size))
    }

    /// Whether the other side has already closed a connection on which nothing is due.
    var isStale: Bool {
        var byte: UInt8 = 0
        let count = recv(descriptor, &byte, 1, Int32(MSG_PEEK | MSG_DONTWAIT))
        return !(count < 0 && errno == EAGAIN)
    }

    // MARK: Reading

    /// A line without its end.
    func readLine() throws -> String {
        var line: [UInt8] = []
        while true {
            try fillIfEmpty()
            let end = buffer[unread].firstIndex(of: UInt8(ascii: "\n"))
            line += buffer[unread.lowerBound..<(end ?? unread.upperBound)]
            unread = (end.map { $0 + 1 } ?? unread.upperBound)..<unread.upperBound
            guard end != nil else { continue }
            if line.last == UInt8(ascii: "\r") { line.removeLast() }
            return String(decoding: line, as: UTF8.self)
        }
    }

    /// Appends exactly so many bytes to an array.
    func read(_ count: Int, into bytes: inout [UInt8]) throws {
        var missing = count
        while missing > 0 {
            try fillIfEmpty()
            let piece = unread.prefix(missing)
            bytes += buffer[piece]
            unread = piece.upperBound..<unread.upperBound
            missing -= piece.count
        }
    }

    /// Reads until the other side closes, without keeping anything.
    func discardToEnd() {
        while receive() {}
    }

    /// Appends all that comes until the other side closes to an array.
    func readToEnd(into bytes: inout [UInt8]) {
        repeat { bytes += buffer[unread] } while receive()
    }

    private func fillIfEmpty() throws {
        if unread.isEmpty, !receive() { throw Failure.ended }
    }

    private func receive() -> Bool {
        let count = buffer.withUnsafeMutableBytes { recv(descriptor, $0.baseAddress, $0.count, 0) }
        unread = 0..<max(count, 0)
        return count > 0
    }

    // MARK: Sending

    /// Sends a head and what of the body is to follow.
    func send(_ head: [UInt8], _ body: ArraySlice<UInt8>) throws {
        try head.withUnsafeBytes { try send($0, hasMore: !body.isEmpty) }
        try body.withUnsafeBytes { try send($0, hasMore: false) }
    }

    private func send(_ bytes: UnsafeRawBufferPointer, hasMore: Bool) throws {
        let flags = Int32(MSG_NOSIGNAL | (hasMore ? MSG_MORE : 0))
        var sent = 0
        while sent < bytes.count {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[sent...])
            let count = Glibc.send(descriptor, rest.baseAddress, rest.count, flags)
            guard count > 0 else { throw Failure.ended }
            sent += count
        }
    }

    /// Makes the coming close a reset, which also throws away what has not been sent.
    func resetOnClose() {
        var option = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
    }
}

// MARK: - Loopback

extension SocketStream {
    /// Not for child processes: a connection that a started command holds as well does not end by a close.
    private static var streamType: Int32 { Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue) }

    /// The next connection to a listening socket, or nil when it has been shut down.
    static func accept(_ listener: Int32) -> Int32? {
        while true {
            let descriptor = Glibc.accept(listener, nil, nil)
            if descriptor >= 0 {
                _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
                return descriptor
            }
            // A client that is gone before it was accepted is not the end of the listener.
            guard errno == EINTR || errno == ECONNABORTED else { return nil }
        }
    }

    /// A socket that listens on a free port of the loopback interface.
    static func listen() throws -> (descriptor: Int32, port: Int) {
        let descriptor = socket(AF_INET, streamType, 0)
        var port = 0
        let isListening = withLoopbackAddress(port: 0) { address, length in
            var length = length
            guard bind(descriptor, address, length) == 0, Glibc.listen(descriptor, 256) == 0,
                getsockname(descriptor, address, &length) == 0
            else { return false }
            port = address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
                Int(UInt16(bigEndian: $0.pointee.sin_port))
            }
            return true
        }
        guard isListening else { throw systemError(closing: descriptor) }
        return (descriptor, port)
    }

    /// A socket that is connected to a port of the loopback interface.
    static func connect(to port: Int) throws -> Int32 {
        let descriptor = socket(AF_INET, streamType, 0)
        let isConnected = withLoopbackAddress(port: port) { Glibc.connect(descriptor, $0, $1) == 0 }
        guard isConnected else { throw systemError(closing: descriptor) }
        return descriptor
    }

    private static func withLoopbackAddress<Result>(
        port: Int, _ body: (UnsafeMutablePointer<sockaddr>, socklen_t) -> Result
    ) -> Result {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(truncatingIfNeeded: port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }

    private static func systemError(closing descriptor: Int32) -> POSIXError {
        let error = POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO)
        if descriptor >= 0 { close(descriptor) }
        return error
    }
}
