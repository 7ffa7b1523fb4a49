/// Cuts a sorted stream of lines into requests for a bulk write: at most 10,000 pairs and so many bytes, and no more bytes
/// than preferred unless a single line has them.
struct Chunker {
    /// The largest request, in bytes: 95 MB leaves room below the API's 100 MB for whatever counts differently.
    static let requestBytesDefault = 95_000_000
    /// Base64 longer than this goes on its own: the API reference limits the string in a bulk write to 26,214,400
    /// characters, so that the value must be a quarter smaller than a value may otherwise be.
    static let base64ValueBytesMaximum = KVLimits.valueBytes / 4 * 3

    /// What requests of several pairs aim at, in bytes.
    ///
    /// Enough for 10,000 small pairs, and so little that several requests can be in memory. No bandwidth is left unused by
    /// it: with the 1,200 requests that the API allows in five minutes, 8 MB each are 32 MB a second.
    static let preferredBytesDefault = 8_000_000

    let pairs: Int
    let requestBytes: Int
    let preferredBytes: Int

    /// A part of the stream that is sent as one request.
    enum Chunk: Sendable {
        /// Lines for one bulk write.
        case bulk([RecordLine])
        /// A line that is too large for a bulk write and goes as a single PUT.
        case single(RecordLine)

        var lines: [RecordLine] {
            switch self {
            case .bulk(let lines): lines
            case .single(let line): [line]
            }
        }

        var isSingle: Bool {
            if case .single = self { true } else { false }
        }
    }

    init(
        pairs: Int = KVLimits.bulkWritePairs, requestBytes: Int = Self.requestBytesDefault,
        preferredBytes: Int = Self.preferredBytesDefault
    ) {
        self.pairs = min(max(1, pairs), KVLimits.bulkWritePairs)
        self.requestBytes = min(requestBytes, KVLimits.bulkRequestBytes)
        self.preferredBytes = preferredBytes
    }

    /// Takes the next chunk from a stream.
    func next(from cursor: inout some LineCursor) async throws -> Chunk? {
        var lines: [RecordLine] = []
        var bytes = 2
        while let line = try await cursor.peek(), lines.count < pairs {
            if isTooLargeForBulk(line) {
                // What was gathered goes first, so that the order of keys is kept.
                guard lines.isEmpty else { break }
                _ = try await cursor.next()
                return .single(line)
            }
            let limit = lines.isEmpty ? requestBytes : min(requestBytes, preferredBytes)
            guard bytes + line.text.count + 1 <= limit else { break }
            bytes += line.text.count + 1
            lines.append(line)
            _ = try await cursor.next()
        }
        return lines.isEmpty ? nil : .bulk(lines)
    }

    private func isTooLargeForBulk(_ line: RecordLine) -> Bool {
        line.text.count + 3 > requestBytes || (line.isBase64 && line.valueBytes > Self.base64ValueBytesMaximum)
    }
}
