import CZlib

/// What gzip members hold, one after the other.
final class GzipInput: ByteInput {
    private let base: any ByteInput
    private let name: String
    private let stream: UnsafeMutablePointer<z_stream>
    private var chunk: [UInt8] = []
    private var offset = 0
    private var isBetweenMembers = true

    /// 15 bits of window, and 16 for gzip headers and nothing else.
    private static let windowBits: Int32 = 15 + 16

    init(_ base: any ByteInput, name: String) throws(ExchangeError) {
        self.base = base
        self.name = name
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        let status = inflateInit2_(
            stream, Self.windowBits, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        guard status == Z_OK else { throw ExchangeError(.malformed, "\(name): zlib cannot start (\(status))") }
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
    }

    func next() throws -> [UInt8] {
        while true {
            if offset == chunk.count {
                chunk = try base.next()
                offset = 0
            }
            if chunk.isEmpty {
                guard isBetweenMembers else { throw ExchangeError(.malformed, "\(name) ends inside its gzip data") }
                return []
            }
            let out = try inflateSome()
            if !out.isEmpty { return out }
        }
    }

    private func inflateSome() throws(ExchangeError) -> [UInt8] {
        var status = Z_OK
        isBetweenMembers = false
        let out = [UInt8](unsafeUninitializedCapacity: FileInput.chunkBytes) { output, count in
            chunk.withUnsafeMutableBufferPointer { input in
                stream.pointee.next_in = input.baseAddress?.advanced(by: offset)
                stream.pointee.avail_in = UInt32(input.count - offset)
                stream.pointee.next_out = output.baseAddress
                stream.pointee.avail_out = UInt32(output.count)
                status = inflate(stream, Z_NO_FLUSH)
                offset = input.count - Int(stream.pointee.avail_in)
                count = output.count - Int(stream.pointee.avail_out)
            }
        }
        switch status {
        case Z_OK, Z_BUF_ERROR: break
        case Z_STREAM_END:
            isBetweenMembers = true
            inflateReset(stream)
        default: throw ExchangeError(.malformed, "\(name) is not the gzip data it seems to be (\(status))")
        }
        return out
    }
}
