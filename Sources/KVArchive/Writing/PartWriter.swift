import Digests
import KVModel
import KVVault

/// A frame's worth of record lines.
struct FrameSummary {
    var firstKey: KVKey
    var lastKey: KVKey
    var records = 0
    var rawBytes = 0
}

/// Writes the file of one part: its frames, its key index, its seek table.
struct PartWriter {
    let name: String
    private let file: any VaultWriter
    private var hash = SHA256()
    private var bytes = 0
    private var frames: [FrameSummary] = []
    private var seekEntries: [SeekTable.Entry] = []

    init(name: String, file: any VaultWriter) {
        self.name = name
        self.file = file
    }

    /// Adds a compressed frame.
    mutating func append(_ frame: [UInt8], _ summary: FrameSummary) async throws {
        frames.append(summary)
        seekEntries.append(SeekTable.Entry(bytes: frame.count, rawBytes: summary.rawBytes))
        try await write(frame)
    }

    /// Ends the file and publishes it.
    mutating func finish() async throws -> PartSummary {
        guard let first = frames.first, let last = frames.last else {
            throw ArchiveError(.misuse, "a part without records", file: name)
        }
        let index = KeyIndex(entries: frames.map { KeyIndex.Entry(firstKey: $0.firstKey, records: $0.records) }).frame
        seekEntries.append(SeekTable.Entry(bytes: index.count, rawBytes: 0))
        try await write(index)
        try await write(SeekTable(entries: seekEntries).frame)
        try await file.publish()
        return PartSummary(
            name: name, records: frames.reduce(0) { $0 + $1.records }, firstKey: first.firstKey, lastKey: last.lastKey,
            rawBytes: frames.reduce(0) { $0 + $1.rawBytes }, bytes: bytes, sha256: SHA256Hex.text(hash.finalize()),
            frames: frames.count)
    }

    func abandon() async { await file.abandon() }

    private mutating func write(_ chunk: [UInt8]) async throws {
        hash.update(data: chunk)
        bytes += chunk.count
        try await file.write(chunk)
    }
}
