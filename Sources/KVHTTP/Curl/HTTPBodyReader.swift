/// Reads a body from its start to its end, and again if need be.
package struct HTTPBodyReader {
    private let body: HTTPBody
    /// The text that comes next, or how many there are when only the closing bracket is left.
    private var index = 0
    /// How much of it has been read, the comma or bracket before it included.
    private var offset = 0

    /// A reader at the start of a body.
    package init(_ body: HTTPBody) { self.body = body }

    /// Goes back to the start.
    package mutating func rewind() {
        index = 0
        offset = 0
    }

    /// Fills a buffer as far as the body goes.
    ///
    /// - Returns: How many bytes were written; none at the end of the body.
    package mutating func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        switch body {
        case .bytes(let bytes):
            let count = Self.copy(bytes, from: offset, into: buffer[...])
            offset += count
            return count
        case .array(let texts): return read(texts, into: buffer)
        }
    }

    private mutating func read(_ texts: [[UInt8]], into buffer: UnsafeMutableRawBufferPointer) -> Int {
        var filled = 0
        while filled < buffer.count, index <= texts.count {
            if index == texts.count {
                // The opening bracket of an array without elements, then the closing one.
                let isOpening = texts.isEmpty && offset == 0
                buffer[filled] = isOpening ? 0x5B : 0x5D
                filled += 1
                offset += 1
                if !isOpening { index += 1 }
                continue
            }
            if offset == 0 {
                buffer[filled] = index == 0 ? 0x5B : 0x2C
                filled += 1
                offset = 1
            }
            let count = Self.copy(texts[index], from: offset - 1, into: buffer[filled...])
            filled += count
            offset += count
            if offset > texts[index].count {
                index += 1
                offset = 0
            }
        }
        return filled
    }

    private static func copy(
        _ bytes: [UInt8], from start: Int, into buffer: Slice<UnsafeMutableRawBufferPointer>
    ) -> Int {
        let count = min(buffer.count, bytes.count - start)
        guard count > 0 else { return 0 }
        bytes.withUnsafeBytes { bytes in
            UnsafeMutableRawBufferPointer(rebasing: buffer).copyMemory(
                from: UnsafeRawBufferPointer(rebasing: bytes[start..<(start + count)]))
        }
        return count
    }
}
