import CMicrohttpd

/// A connection of the library.
// Used on the library's thread alone, but for its resumption, which is safe from every thread.
struct ConnectionHandle: @unchecked Sendable {
    let raw: OpaquePointer

    /// Lets the connection rest until it is resumed: nothing is read, no time-out counts, the handler is not called.
    func suspend() { MHD_suspend_connection(raw) }

    /// Has the handler called again; only for a connection that is suspended.
    func resume() { MHD_resume_connection(raw) }
}
