import NIOCore

/// What is sent with a request, in pieces that are taken when the connection is ready for them.
///
/// A body handed over whole would start the clock for the answer before it has left; and a large array of pairs would be
/// held twice.
enum RequestBody: Sendable {
    case bytes(ByteBuffer)
    /// Texts that become a JSON array, and how many bytes that has.
    case array([[UInt8]], bytes: Int)

    /// The length of the body.
    var count: Int {
        switch self {
        case .bytes(let buffer): buffer.readableBytes
        case .array(_, let bytes): bytes
        }
    }
}

extension RequestBody: AsyncSequence {
    func makeAsyncIterator() -> Iterator { Iterator(body: self) }

    /// Hands out the pieces.
    struct Iterator: AsyncIteratorProtocol {
        private static let pieceBytes = 1 << 18
        private var body: RequestBody
        private var index = 0

        init(body: RequestBody) { self.body = body }

        mutating func next() async -> ByteBuffer? {
            switch body {
            case .bytes(var buffer):
                let piece = buffer.readSlice(length: Swift.min(buffer.readableBytes, Self.pieceBytes))
                body = .bytes(buffer)
                return piece?.readableBytes == 0 ? nil : piece
            case .array(let texts, _): return nextPiece(of: texts)
            }
        }

        /// Some elements of an array with the comma or bracket before each; the closing bracket after the last.
        private mutating func nextPiece(of texts: [[UInt8]]) -> ByteBuffer? {
            guard index <= texts.count else { return nil }
            var piece = ByteBuffer()
            if texts.isEmpty { piece.writeInteger(UInt8(0x5B)) }
            while index < texts.count, piece.readableBytes < Self.pieceBytes {
                piece.writeInteger(UInt8(index == 0 ? 0x5B : 0x2C))
                piece.writeBytes(texts[index])
                index += 1
            }
            if index == texts.count {
                piece.writeInteger(UInt8(0x5D))
                index += 1
            }
            return piece
        }
    }
}
