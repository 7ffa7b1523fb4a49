import Glibc
import KVTransfer

/// Cuts an input into lines at line feeds.
///
/// Holds one line, up to the length of the longest record.
struct LineReader {
    /// A line without its line feed.
    enum Line {
        case text([UInt8])
        /// A line that is longer than any record; it has been passed over.
        case tooLong
    }

    private let input: any ByteInput
    private var bytes: [UInt8] = []
    private var start = 0
    private var scanned = 0
    private var isAtEnd = false

    init(_ input: any ByteInput) { self.input = input }

    /// The next line; the last one may have no line feed.
    mutating func next() throws -> Line? {
        var isTooLong = false
        while true {
            if let end = indexOfLineFeed() {
                let line = Array(bytes[start..<end])
                start = end + 1
                scanned = start
                return isTooLong ? .tooLong : .text(line)
            }
            scanned = bytes.count
            if isAtEnd {
                guard start < bytes.count || isTooLong else { return nil }
                let line = Array(bytes[start...])
                start = bytes.count
                return isTooLong ? .tooLong : .text(line)
            }
            if bytes.count - start > RecordLine.bytesMaximum {
                isTooLong = true
                start = bytes.count
            }
            try fill()
        }
    }

    private mutating func fill() throws {
        bytes.removeFirst(start)
        scanned -= start
        start = 0
        let chunk = try input.next()
        isAtEnd = chunk.isEmpty
        bytes += chunk
    }

    private func indexOfLineFeed() -> Int? {
        bytes.withUnsafeBytes { buffer in
            guard let base = buffer.baseAddress, scanned < buffer.count else { return nil }
            let found = memchr(base + scanned, 0x0A, buffer.count - scanned)
            return found.map { UnsafeRawPointer($0) - base }
        }
    }
}
