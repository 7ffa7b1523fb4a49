/// A record that waits to be sorted.
struct UnsortedRecord {
    var key: KVKey
    var position: ReadPosition
    var text: [UInt8]

    /// About what it takes in memory.
    var bytes: Int { key.utf8.count + text.count + 160 }

    /// By key, and for the same key in the order in which they were read.
    static func isOrdered(_ one: Self, _ other: Self) -> Bool {
        one.key == other.key ? one.position < other.position : one.key < other.key
    }
}

/// Where a record was read: which file, and which line or pair or row in it.
package struct ReadPosition: Hashable, Comparable, Sendable {
    package var file: Int
    package var number: Int

    package init(file: Int = 0, number: Int) {
        self.file = file
        self.number = number
    }

    package static func < (one: Self, other: Self) -> Bool { (one.file, one.number) < (other.file, other.number) }
}

/// Sorted records in a temporary file.
///
/// The file has no name: whatever ends the process, nothing of the records stays behind.
final class SortRun: Sendable {
    let file: Descriptor
    let bytes: Int

    fileprivate init(file: consuming Descriptor, bytes: Int) {
        self.file = file
        self.bytes = bytes
    }
}

/// Writes a run, record by record in order.
struct SortRunWriter: ~Copyable {
    private static let bufferBytes = 1 << 20

    private let file: Descriptor
    private var buffer: [UInt8] = []
    private var written = 0

    init() throws(VaultError) { file = try Descriptor.temporary() }

    mutating func append(_ record: UnsortedRecord) throws(VaultError) {
        for number in [record.key.utf8.count, record.text.count, record.position.file, record.position.number] {
            withUnsafeBytes(of: UInt64(number).littleEndian) { buffer += $0 }
        }
        buffer += record.key.utf8
        buffer += record.text
        if buffer.count >= Self.bufferBytes { try flush() }
    }

    consuming func finish() throws(VaultError) -> SortRun {
        try flush()
        return SortRun(file: file, bytes: written)
    }

    private mutating func flush() throws(VaultError) {
        try file.writeAll(buffer, path: Descriptor.temporaryFolder)
        written += buffer.count
        buffer.removeAll(keepingCapacity: true)
    }
}

/// Reads a run, from its start.
///
/// Holds a window of the file; texts are read only when they are asked for.
struct SortRunReader {
    /// What comes before a record's text.
    struct Head {
        var key: KVKey
        var position: ReadPosition
        var textOffset: Int
        var textBytes: Int
    }

    private static let windowBytes = 64 << 10
    private static let numbersBytes = 32

    private let run: SortRun
    private var offset = 0
    private var window: [UInt8] = []
    private var windowOffset = 0
    /// The record the reader stands on; `nil` at the end.
    private(set) var head: Head?

    init(_ run: SortRun) throws {
        self.run = run
        try advance()
    }

    mutating func advance() throws {
        guard offset < run.bytes else {
            head = nil
            return
        }
        let numbers = try read(at: offset, Self.numbersBytes).withUnsafeBytes { bytes in
            (0..<4).map { Int(UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: 8 * $0, as: UInt64.self))) }
        }
        let keyOffset = offset + Self.numbersBytes
        let key = KVKey(validUTF8: try read(at: keyOffset, numbers[0]))
        head = Head(
            key: key, position: ReadPosition(file: numbers[2], number: numbers[3]),
            textOffset: keyOffset + numbers[0], textBytes: numbers[1])
        offset = keyOffset + numbers[0] + numbers[1]
    }

    /// The text of a record that the reader stands on or stood on.
    mutating func text(of head: Head) throws -> [UInt8] { try read(at: head.textOffset, head.textBytes) }

    private mutating func read(at offset: Int, _ count: Int) throws(VaultError) -> [UInt8] {
        if count > Self.windowBytes { return try load(at: offset, count) }
        if offset < windowOffset || offset + count > windowOffset + window.count {
            window = try load(at: offset, min(Self.windowBytes, run.bytes - offset))
            windowOffset = offset
        }
        return Array(window[offset - windowOffset..<offset - windowOffset + count])
    }

    private func load(at offset: Int, _ count: Int) throws(VaultError) -> [UInt8] {
        try run.file.read(count, at: offset, path: Descriptor.temporaryFolder)
    }
}
