import HummingbirdCore
import NIOCore

/// A request body, read up to a limit.
struct IncomingBody: Sendable {
    /// A connection that ended in the middle of a body, which must not be taken for a shorter body.
    struct Incomplete: Error {}

    /// How much of an oversize body is read and thrown away before the answer is sent.
    ///
    /// Many clients look at an answer only after they have sent their request; a client that is cut off sees a broken
    /// connection instead of the refusal.
    private static let discardLimit = 256 * 1024 * 1024

    /// The bytes, none of them if there were too many.
    private(set) var bytes: [UInt8] = []
    /// How many bytes came.
    private(set) var received = 0
    /// Whether there were more bytes than the limit.
    private(set) var isTooLarge = false

    /// A body that is not read.
    init() {}

    /// Reads a body.
    ///
    /// - Parameters:
    ///   - body: What comes in.
    ///   - contentLength: The announced length.
    ///   - limit: How many bytes are kept.
    /// - Throws: ``Incomplete``, or what the connection says.
    init(_ body: RequestBody, contentLength: Int?, limit: Int) async throws {
        if let contentLength, contentLength > 0, contentLength <= limit { bytes.reserveCapacity(contentLength) }
        for try await chunk in body {
            received += chunk.readableBytes
            if received <= limit {
                bytes.append(contentsOf: chunk.readableBytesView)
            } else {
                isTooLarge = true
                bytes = []
                if received > Self.discardLimit { return }
            }
        }
        if let contentLength, contentLength != received { throw Incomplete() }
    }
}
