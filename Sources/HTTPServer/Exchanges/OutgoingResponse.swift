import CMicrohttpd
import Glibc

/// An answer in the hands of the library; made where the answer is made, so that the library's thread copies nothing.
final class OutgoingResponse: @unchecked Sendable {  // Handed on, and never used by two threads.
    /// What is longer is taken in pieces, as the client takes it, and not copied before.
    static let copiedBytes = 128 * 1024

    private let raw: OpaquePointer
    private let status: UInt32

    /// `nil` if there is no memory, or if the library does not take a field.
    private init?(_ response: Response) {
        let isLong = response.body.count > Self.copiedBytes
        guard let raw = isLong ? Self.stream(response.body) : Self.copy(response.body) else { return nil }
        self.raw = raw
        status = UInt32(response.status)
        for (name, value) in response.fields where !value.isEmpty {
            guard MHD_add_response_header(raw, name, value) == .YES else { return nil }
        }
    }

    // The library counts for itself who uses it.
    deinit { MHD_destroy_response(raw) }

    /// An answer, or the word that the server has failed where the answer cannot be sent as it is; `nil` without memory.
    static func make(_ response: Response, log: (String) -> Void) -> OutgoingResponse? {
        let flaw: String
        if let found = response.flaw {
            flaw = found
        } else if let made = OutgoingResponse(response) {
            return made
        } else {
            flaw = "the HTTP library does not take it"
        }
        log("an answer was not sent, but 500 instead: \(flaw)")
        return OutgoingResponse(Response(status: 500))
    }

    /// Sends the answer; `false` if the library does not take it.
    func queue(_ connection: ConnectionHandle, closes: Bool) -> Bool {
        if closes { MHD_add_response_header(raw, "Connection", "close") }
        return MHD_queue_response(connection.raw, status, raw) == .YES
    }
}

// MARK: - Bodies

extension OutgoingResponse {
    private static func copy(_ body: [UInt8]) -> OpaquePointer? {
        body.withUnsafeBytes {
            // The library copies the bytes and does not write to them.
            MHD_create_response_from_buffer(
                $0.count, UnsafeMutableRawPointer(mutating: $0.baseAddress), MHD_ResponseMemoryMode.RESPMEM_MUST_COPY)
        }
    }

    private final class Body {
        let bytes: [UInt8]
        init(_ bytes: [UInt8]) { self.bytes = bytes }
    }

    private static func stream(_ body: [UInt8]) -> OpaquePointer? {
        let held = Unmanaged.passRetained(Body(body)).toOpaque()
        let made = MHD_create_response_from_callback(
            UInt64(body.count), copiedBytes,
            { context, position, target, limit in
                // -2 ends the connection in the middle of the answer.
                guard let context, let target else { return -2 }
                let body = Unmanaged<Body>.fromOpaque(context).takeUnretainedValue()
                let rest = body.bytes[Int(position)...].prefix(limit)
                rest.withUnsafeBytes { UnsafeMutableRawBufferPointer(start: target, count: limit).copyMemory(from: $0) }
                return rest.count
            }, held, { context in if let context { Unmanaged<Body>.fromOpaque(context).release() } })
        if made == nil { Unmanaged<Body>.fromOpaque(held).release() }
        return made
    }
}
