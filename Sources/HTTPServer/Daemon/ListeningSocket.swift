import Glibc

/// A socket that takes connections, from the resolution of its address to its end.
struct ListeningSocket: Sendable {
    let descriptor: Int32
    let port: Int

    /// Listens at the first address of a host that can be listened at; port 0 takes a free one.
    init(host: String, port: Int) throws(ServerError) {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV
        var found: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(host, String(port), &hints, &found)
        guard code == 0, let list = found else { throw ServerError(description: String(cString: gai_strerror(code))) }
        defer { freeaddrinfo(list) }
        var reason = "there is no such address"
        for address in sequence(first: list, next: { $0.pointee.ai_next }) {
            do throws(ServerError) {
                descriptor = try Self.listening(at: address.pointee)
                self.port = Self.port(of: descriptor) ?? port
                return
            } catch {
                reason = error.description
            }
        }
        throw ServerError(description: reason)
    }

    private static func listening(at address: addrinfo) throws(ServerError) -> Int32 {
        let kind = address.ai_socktype | Int32(SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        let descriptor = socket(address.ai_family, kind, address.ai_protocol)
        guard descriptor >= 0 else { throw systemError() }
        var yes: Int32 = 1
        // Without it, an address is taken for a minute after connections to it were closed.
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        guard bind(descriptor, address.ai_addr, address.ai_addrlen) == 0, listen(descriptor, 256) == 0 else {
            let error = systemError()
            Glibc.close(descriptor)
            throw error
        }
        return descriptor
    }

    private static func systemError() -> ServerError { ServerError(description: String(cString: strerror(errno))) }

    private static func port(of descriptor: Int32) -> Int? {
        var address = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let code = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
        }
        guard code == 0 else { return nil }
        // The port has the same place in both families.
        return withUnsafeBytes(of: address) { Int(UInt16(bigEndian: $0.load(fromByteOffset: 2, as: UInt16.self))) }
    }

    /// Refuses whoever connects from now on.
    func refuse() { shutdown(descriptor, Int32(SHUT_RDWR)) }

    func close() { Glibc.close(descriptor) }
}
