import CMicrohttpd
import Glibc

// What the library calls, on its one thread.

private func engine(_ context: UnsafeMutableRawPointer?) -> Engine {
    guard let context else { preconditionFailure("a call of the HTTP library without its context") }
    return Unmanaged<Engine>.fromOpaque(context).takeUnretainedValue()
}

/// Called with the target of a request before it is decoded; makes the exchange that the other calls get.
func onTarget(
    _ context: UnsafeMutableRawPointer?, _ target: UnsafePointer<CChar>?, _ connection: OpaquePointer?
) -> UnsafeMutableRawPointer? {
    let exchange = Exchange(target, engine(context))
    hideQuery(of: target)
    return Unmanaged.passRetained(exchange).toOpaque()
}

/// Keeps the library from taking the query apart.
///
/// It keeps a name and a value for each `&`, in the memory that a connection has for its head; when that does not do,
/// 0.9.75 neither answers nor closes. Only a NUL behind the question mark ends its search, and there is no call that
/// may write one but this: the target is declared constant, but lies in the connection's own buffer.
private func hideQuery(of target: UnsafePointer<CChar>?) {
    guard let target, let mark = strchr(target, 0x3F), mark[1] != 0 else { return }
    mark[1] = 0
}

/// Called with the head, with each piece of the body, and at the end; and again for an answer that is ready.
func onProgress(
    _ context: UnsafeMutableRawPointer?, _ connection: OpaquePointer?, _ url: UnsafePointer<CChar>?,
    _ method: UnsafePointer<CChar>?, _ version: UnsafePointer<CChar>?, _ data: UnsafePointer<CChar>?,
    _ count: UnsafeMutablePointer<Int>?, _ slot: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> MHD_Result {
    guard let raw = slot?.pointee, let connection, let method, let version, let count else { return .NO }
    let exchange = Unmanaged<Exchange>.fromOpaque(raw).takeUnretainedValue()
    let piece = UnsafeRawBufferPointer(start: data, count: count.pointee)
    // All of it is taken.
    count.pointee = 0
    return exchange.advance(ConnectionHandle(raw: connection), method, version, piece) ? .YES : .NO
}

/// Called when an answer was sent, or a connection ended in between.
func onCompleted(
    _ context: UnsafeMutableRawPointer?, _ connection: OpaquePointer?,
    _ slot: UnsafeMutablePointer<UnsafeMutableRawPointer?>?, _ reason: MHD_RequestTerminationCode
) {
    guard let raw = slot?.pointee else { return }
    slot?.pointee = nil
    engine(context).end(Unmanaged<Exchange>.fromOpaque(raw).takeRetainedValue())
}

/// Called to decode texts of the target; leaves them as they are.
func onUnescape(
    _ context: UnsafeMutableRawPointer?, _ connection: OpaquePointer?, _ text: UnsafeMutablePointer<CChar>?
) -> Int { text.map { strlen($0) } ?? 0 }

/// Called with what the library has to say.
func onMessage(_ context: UnsafeMutableRawPointer?, _ line: UnsafePointer<CChar>?) {
    guard let line else { return }
    let text = String(cString: line)
    engine(context).log("libmicrohttpd: \(text.hasSuffix("\n") ? String(text.dropLast()) : text)")
}
