import CMicrohttpd

/// A connection of the library.
struct ConnectionHandle: @unchecked Sendable {  // For the library's thread, but for resuming, which any thread may do.
    let raw: OpaquePointer

    /// Lets the connection rest until it is resumed: nothing is read, no time-out counts, the handler is not called.
    func suspend() { MHD_suspend_connection(raw) }

    /// Has the handler called again; only for a connection that is suspended.
    func resume() { MHD_resume_connection(raw) }
}
