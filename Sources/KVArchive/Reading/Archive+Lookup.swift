public import KVModel
import KVVault

extension Archive {
    /// Finds one record without reading the rest.
    ///
    /// The part is found by binary search in the list of parts, the frame by the part's key index; one frame is read and
    /// decompressed. What is read is checked by the frame's checksum and against the index, not by the part's SHA-256. A
    /// part without key index is streamed.
    ///
    /// - Returns: `nil` if the archive does not hold the key.
    /// - Throws: ``ArchiveError`` and the vault's errors.
    public func record(for key: KVKey) async throws -> RecordLine? {
        guard let part = part(for: key) else { return nil }
        guard let index = try await PartIndex.read(of: part, in: self) else {
            return try await stream(part, to: key)
        }
        guard let (frame, location) = index.location(of: key) else { return nil }
        let lines = try await self.lines(of: frame, at: location, in: part)
        return lines.first { $0.key == key }
    }

    private func part(for key: KVKey) -> PartSummary? {
        var low = 0
        var high = parts.count
        while low < high {
            let middle = (low + high) / 2
            if parts[middle].lastKey < key { low = middle + 1 } else { high = middle }
        }
        return low < parts.count && parts[low].mayHold(key) ? parts[low] : nil
    }

    private func stream(_ part: PartSummary, to key: KVKey) async throws -> RecordLine? {
        let decoder = try await decoder(for: part)
        while let lines = try await decoder.nextBatch() {
            if let line = lines.first(where: { $0.key >= key }) { return line.key == key ? line : nil }
        }
        return nil
    }

    /// Reads a frame by pretending that it is a part of its own, so that all the checks of one apply.
    func lines(
        of frame: Int, at location: PartIndex.Location, in part: PartSummary
    ) async throws -> [RecordLine] {
        let bytes = try await PartIndex.readRange(of: part, in: self, offset: location.offset, bytes: location.bytes)
        let reader = FrameReader(contents: bytes)
        let decoder = PartDecoder(frame: frame, at: location, of: part, reader: reader)
        var lines: [RecordLine] = []
        while let batch = try await decoder.nextBatch() { lines += batch }
        return lines
    }
}

/// Reads bytes that are in memory already.
private final class FrameReader: VaultReader {
    private var contents: [UInt8]
    let bytes: Int

    init(contents: [UInt8]) {
        self.contents = contents
        bytes = contents.count
    }

    func read(maximumBytes: Int) async throws -> [UInt8] {
        defer { contents = [] }
        return contents
    }
}
