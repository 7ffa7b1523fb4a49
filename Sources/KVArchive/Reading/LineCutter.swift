import Glibc

/// Cuts a stream of bytes into lines at line feeds.
struct LineCutter {
    private var bytes: [UInt8] = []
    /// Where the next line starts.
    private var start = 0
    /// Up to where there is known to be no line feed.
    private var scanned = 0

    /// The bytes that are held, lines already taken included.
    var buffered: Int { bytes.count }

    /// Whether the last byte that came in was not a line feed.
    var endsInsideLine: Bool { bytes.last.map { $0 != 0x0A } ?? true }

    /// Takes the next whole line, without its line feed.
    mutating func next() -> [UInt8]? {
        guard let end = indexOfLineFeed() else {
            scanned = bytes.count
            return nil
        }
        let line = Array(bytes[start..<end])
        start = end + 1
        scanned = start
        return line
    }

    private func indexOfLineFeed() -> Int? {
        bytes.withUnsafeBytes { buffer in
            guard let base = buffer.baseAddress, scanned < buffer.count else { return nil }
            let found = memchr(base + scanned, 0x0A, buffer.count - scanned)
            return found.map { UnsafeRawPointer($0) - base }
        }
    }

    /// Adds bytes at the end.
    mutating func append<Result, Failure: Error>(
        _ body: (inout [UInt8]) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(&bytes)
    }

    /// Forgets the lines taken.
    mutating func compact() {
        bytes.removeFirst(start)
        scanned -= start
        start = 0
    }
}
