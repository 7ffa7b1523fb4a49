package import KVModel
package import KVVault

/// A file with records that are on their way into an archive: made durable before the part that will hold them is.
///
/// It has the form of a part with one frame, and the same description and checks.
package enum RecordSegment {
    /// Quick rather than small: a segment is written once, read after an interruption only, and removed.
    private static let compressionLevel = -5
    /// So many bytes of lines are compressed at once, unless one line has more.
    private static let pieceBytes = 256 << 10

    /// Writes records into a file of their own.
    ///
    /// - Parameters:
    ///   - lines: Records with strictly ascending keys, at least one.
    ///   - name: The file, in a folder of the vault.
    ///   - vault: Where the file goes.
    ///   - folder: The folder.
    /// - Returns: What ``read(_:in:at:_:)`` needs to know.
    /// - Throws: The vault's errors.
    package static func write(
        _ lines: [RecordLine], as name: String, in vault: any Vault, at folder: String
    ) async throws -> PartSummary {
        guard let first = lines.first, let last = lines.last else {
            throw ArchiveError(.misuse, "a segment without records", file: name)
        }
        let summary = FrameSummary(
            firstKey: first.key, lastKey: last.key, records: lines.count,
            rawBytes: lines.reduce(0) { $0 + $1.text.count + 1 })
        let frame = try frame(of: lines, rawBytes: summary.rawBytes)
        // What a killed run left under this name was never referred to.
        let file = try await vault.create(VaultName.join(folder, name), onExisting: .replace)
        var writer = PartWriter(name: name, file: file)
        do {
            try await writer.append(frame, summary)
            return try await writer.finish()
        } catch {
            await file.abandon()
            throw error
        }
    }

    private static func frame(of lines: [RecordLine], rawBytes: Int) throws(ArchiveError) -> [UInt8] {
        let compressor = try ZstdCompressor(level: compressionLevel)
        try compressor.begin(rawBytes: rawBytes)
        var frame: [UInt8] = []
        var piece: [UInt8] = []
        for line in lines {
            piece += line.text
            piece.append(0x0A)
            guard piece.count >= pieceBytes else { continue }
            try compressor.compress(piece, into: &frame, isLast: false)
            piece.removeAll(keepingCapacity: true)
        }
        try compressor.compress(piece, into: &frame, isLast: true)
        return frame
    }

    /// Reads the records of a segment and checks all that is known of it.
    ///
    /// - Parameters:
    ///   - segment: The segment.
    ///   - vault: Where it is.
    ///   - folder: The folder it is in.
    ///   - body: Takes a batch of records.
    /// - Throws: ``ArchiveError`` when the segment is not what it was; the vault's errors and the body's.
    package static func read(
        _ segment: PartSummary, in vault: any Vault, at folder: String, _ body: ([RecordLine]) async throws -> Void
    ) async throws {
        let reader = try await vault.open(VaultName.join(folder, segment.name), from: 0)
        let decoder = PartDecoder(part: segment, reader: reader)
        while let lines = try await decoder.nextBatch() { try await body(lines) }
    }
}
