import KVModel
import KVVault

/// The key index and the seek table of a part, which lead to the one frame that may hold a key.
struct PartIndex {
    /// A frame in the file.
    struct Location: Equatable {
        var offset: Int
        var bytes: Int
        var rawBytes: Int
        var firstKey: KVKey
        var records: Int
    }

    /// The data frames in order.
    var locations: [Location]
    private let keys: KeyIndex

    /// The data frame in which a key stands, if it stands anywhere.
    func location(of key: KVKey) -> (frame: Int, location: Location)? {
        keys.frame(for: key).map { ($0, locations[$0]) }
    }

    /// Reads key index and seek table from the end of a part.
    ///
    /// - Returns: `nil` if the part ends with no seek table, or with one that has no key index before it, as parts made
    ///   by hand do.
    /// - Throws: `malformedIndex` if they are there and do not fit the part.
    static func read(of part: PartSummary, in archive: Archive) async throws -> PartIndex? {
        guard let table = try await readSeekTable(of: part, in: archive) else { return nil }
        guard let last = table.entries.last, last.rawBytes == 0,
            last.bytes <= KeyIndex.bytesMaximum(frames: part.frames)
        else { return nil }
        let offset = table.entries.dropLast().reduce(0) { $0 + $1.bytes }
        let frame = try await readRange(of: part, in: archive, offset: offset, bytes: last.bytes)
        guard KeyIndex.isKeyIndex(frame) else { return nil }
        guard let keys = KeyIndex(frame: frame) else { throw malformed(part, "the key index is not one") }
        return try PartIndex(table, keys, part)
    }

    private init(_ table: SeekTable, _ keys: KeyIndex, _ part: PartSummary) throws(ArchiveError) {
        self.keys = keys
        locations = []
        var offset = 0
        var totals = (records: 0, rawBytes: 0)
        // Frames without records, such as the key index itself, have no entry there.
        for entry in table.entries {
            if entry.rawBytes > 0 {
                guard locations.count < keys.entries.count else { break }
                let key = keys.entries[locations.count]
                let (records, overflow) = totals.records.addingReportingOverflow(key.records)
                guard !overflow else { throw Self.malformed(part, "the key index counts too many records") }
                totals = (records, totals.rawBytes + entry.rawBytes)
                locations.append(
                    Location(
                        offset: offset, bytes: entry.bytes, rawBytes: entry.rawBytes, firstKey: key.firstKey,
                        records: key.records))
            }
            offset += entry.bytes
        }
        let areKeysAscending = zip(keys.entries, keys.entries.dropFirst()).allSatisfy { $0.firstKey < $1.firstKey }
        guard locations.count == part.frames, keys.entries.count == part.frames, totals.records == part.records,
            totals.rawBytes == part.rawBytes, areKeysAscending, keys.entries.first?.firstKey == part.firstKey,
            let last = keys.entries.last, last.firstKey <= part.lastKey
        else { throw Self.malformed(part, "the key index and the seek table do not fit the part") }
    }

    private static func readSeekTable(of part: PartSummary, in archive: Archive) async throws -> SeekTable? {
        let footerBytes = SeekTable.footerBytes
        guard part.bytes >= footerBytes else { return nil }
        let footer = try await readRange(
            of: part, in: archive, offset: part.bytes - footerBytes, bytes: footerBytes)
        guard let frameBytes = SeekTable.frameBytes(footer: footer) else { return nil }
        guard frameBytes <= part.bytes else { throw malformed(part, "the seek table is larger than the file") }
        let frame = try await readRange(of: part, in: archive, offset: part.bytes - frameBytes, bytes: frameBytes)
        guard let table = SeekTable(frame: frame, fileBytes: part.bytes) else {
            throw malformed(part, "the seek table does not fit the file")
        }
        return table
    }

    /// Reads bytes whose number the caller has compared with the file's size.
    static func readRange(
        of part: PartSummary, in archive: Archive, offset: Int, bytes: Int
    ) async throws -> [UInt8] {
        let reader = try await archive.open(part, from: offset)
        var out: [UInt8] = []
        while out.count < bytes {
            let chunk = try await reader.read(maximumBytes: min(1 << 20, bytes - out.count))
            guard !chunk.isEmpty else {
                throw ArchiveError(.wrongSize, "it is shorter than \(part.bytes) bytes", file: part.name)
            }
            out += chunk
        }
        return out
    }

    private static func malformed(_ part: PartSummary, _ message: String) -> ArchiveError {
        ArchiveError(.malformedIndex, message, file: part.name)
    }
}
