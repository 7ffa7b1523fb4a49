import Digests
public import KVModel
import KVVault
import Synchronization

/// Takes the records of an archive that is being written; lent by ``withArchiveWriter(in:at:options:body:)``.
///
/// Where frames and parts end depends on the records alone, so that the same records give the same bytes. Memory is
/// a few frames, whatever the archive's size: ``append(_:)`` waits when the compressors or the vault are slow.
public actor ArchiveWriter {
    private let vault: any Vault
    private let path: String
    private let options: ArchiveOptions
    private let pipeline: CompressingPipeline
    private nonisolated let sharedTotals = Mutex(ArchiveTotals())

    private var contentHash = SHA256()
    private var frame: [UInt8] = []
    private var frameFirstKey: KVKey?
    private var frameRecords = 0
    /// Memory of frames that have been written, for those to come: asking the system for it again takes time.
    private var spareFrames: [[UInt8]] = []
    private var partRawBytes = 0
    private var lastKey: KVKey?
    private var inFlight: [PendingFrame] = []
    private var part: PartWriter?
    private var parts: [PartSummary] = []
    private var publishedFiles: [String] = []
    private var isBusy = false

    private struct PendingFrame {
        var ticket: CompressingPipeline.Ticket
        var summary: FrameSummary
        var endsPart: Bool
    }

    init(vault: any Vault, path: String, options: ArchiveOptions, pipeline: CompressingPipeline) {
        self.vault = vault
        self.path = path
        self.options = options
        self.pipeline = pipeline
    }

    /// What has been appended so far; `compressedBytes` counts what has been written and lags behind.
    public nonisolated var totals: ArchiveTotals { sharedTotals.withLock { $0 } }

    /// Adds records at the end.
    ///
    /// - Parameter lines: Records with strictly ascending keys, all after those appended before.
    /// - Throws: `outOfOrder`, `misuse` when another call has not returned yet, and the vault's errors. After an error
    ///   the archive cannot be finished.
    public func append(_ lines: [RecordLine]) async throws {
        guard !isBusy else { throw ArchiveError(.misuse, "records were appended from two places at once", file: path) }
        // Stays set after a throw: what was half done must not be built upon.
        isBusy = true
        for line in lines {
            if isFull(with: line) { try await endFrame(endsPart: isPartFull(with: line)) }
            try add(line)
        }
        sharedTotals.withLock { totals in
            for line in lines { totals.count(line) }
        }
        isBusy = false
    }

    private func isPartFull(with line: RecordLine) -> Bool {
        partRawBytes > 0 && partRawBytes + line.text.count + 1 > options.partBytes
    }

    private func isFull(with line: RecordLine) -> Bool {
        !frame.isEmpty && (isPartFull(with: line) || frame.count + line.text.count + 1 > options.frameBytes)
    }

    private func add(_ line: RecordLine) throws(ArchiveError) {
        if let lastKey, line.key <= lastKey {
            throw ArchiveError(.outOfOrder, "\(line.key) was appended after \(lastKey)", file: path)
        }
        if frame.isEmpty {
            frameFirstKey = line.key
            frame = spareFrames.popLast() ?? []
            // Not before: where a compressor still held it, it would be copied.
            frame.removeAll(keepingCapacity: true)
        }
        frame += line.text
        frame.append(0x0A)
        frameRecords += 1
        partRawBytes += line.text.count + 1
        lastKey = line.key
    }

    /// The parts that are published; what was appended after the last of them is not durable yet.
    public var finishedParts: [PartSummary] { parts }

    // MARK: Parts of an earlier run

    /// Takes over the parts that an earlier run has published, as if their records had been appended.
    ///
    /// Each is read from end to end and checked like a part of a finished archive. Whatever else is in the folder goes.
    ///
    /// - Throws: ``ArchiveError`` when a part is not whole any more; the vault's errors.
    func adopt(_ kept: [PartSummary]) async throws {
        try await removeAllBut(Set(kept.map(\.name)))
        for part in kept { try await adopt(part) }
    }

    private func adopt(_ part: PartSummary) async throws {
        let decoder = PartDecoder(
            part: part, reader: try await vault.open(VaultName.join(path, part.name), from: 0), .totals)
        while let piece = try await decoder.nextPiece() {
            try Task.checkCancellation()
            contentHash.update(data: piece.raw)
            sharedTotals.withLock { $0.add(piece.totals) }
            decoder.recycle(piece)
        }
        lastKey = part.lastKey
        parts.append(part)
        countCompressed(part.bytes, isWholePart: true)
    }

    private func removeAllBut(_ names: Set<String>) async throws {
        try await vault.removeLeftovers(in: path)
        for file in try await vault.contents(of: path).files {
            let name = file.name.split(separator: "/").last.map(String.init) ?? ""
            if !names.contains(name) { try await vault.remove(file.name) }
        }
    }

    // MARK: Frames and parts

    private func endFrame(endsPart: Bool) async throws {
        guard let firstKey = frameFirstKey, let lastKey else { return }
        let raw = frame
        let summary = FrameSummary(
            firstKey: firstKey, lastKey: lastKey, records: frameRecords, rawBytes: raw.count)
        (frame, frameFirstKey, frameRecords) = ([], nil, 0)
        if endsPart { partRawBytes = 0 }
        let ticket = await pipeline.submit(RawFrame(lines: raw))
        // While the compressors have begun with it.
        contentHash.update(data: raw)
        inFlight.append(PendingFrame(ticket: ticket, summary: summary, endsPart: endsPart))
        while inFlight.count > options.compressorCount { try await writeOldestFrame() }
    }

    private func writeOldestFrame() async throws {
        let pending = inFlight.removeFirst()
        let product = try await pipeline.product(of: pending.ticket)
        let compressed = try product.bytes.get()
        recycle(product)
        var part = try await openPart()
        try await part.append(compressed, pending.summary)
        self.part = part
        var written = compressed.count
        if pending.endsPart {
            self.part = nil
            let summary = try await noting(part.name) { try await part.finish() }
            parts.append(summary)
            // The part's own totals are exact; the key index and the seek table come on top of the frames.
            written = summary.bytes
        }
        countCompressed(written, isWholePart: pending.endsPart)
    }

    private func recycle(_ product: CompressedFrame) {
        // A frame of one very large record is not worth keeping.
        guard spareFrames.isEmpty, product.lines.count <= 2 * options.frameBytes else { return }
        spareFrames.append(product.lines)
    }

    private func openPart() async throws -> PartWriter {
        if let part { return part }
        let name = ArchiveFile.part(parts.count)
        let opened = PartWriter(
            name: name, file: try await vault.create(VaultName.join(path, name), onExisting: .refuse))
        part = opened
        return opened
    }

    private func countCompressed(_ bytes: Int, isWholePart: Bool) {
        let finished = parts.reduce(0) { $0 + $1.bytes }
        sharedTotals.withLock { totals in
            totals.compressedBytes = isWholePart ? finished : max(finished, totals.compressedBytes) + bytes
        }
    }

    // MARK: The end

    /// Writes what is left, and the files that make it an archive.
    func finish(_ provenance: ArchiveProvenance) async throws -> Manifest {
        guard !isBusy else { throw ArchiveError(.misuse, "an archive was ended after a failure", file: path) }
        isBusy = true
        try await endFrame(endsPart: true)
        while !inFlight.isEmpty { try await writeOldestFrame() }
        let partsText = parts.flatMap(\.line)
        let manifest = manifest(provenance, partsText)
        let manifestText = manifest.text
        let restoreText = RestoreText.text(for: manifest, parts: parts)
        var checksums = ChecksumFile()
        for part in parts { checksums.digests[part.name] = part.sha256 }
        checksums.digests[ArchiveFile.parts] = manifest.parts.sha256
        checksums.digests[ArchiveFile.restore] = SHA256Hex.digest(of: restoreText)
        checksums.digests[ArchiveFile.manifest] = SHA256Hex.digest(of: manifestText)
        try await publish(partsText, as: ArchiveFile.parts)
        try await publish(restoreText, as: ArchiveFile.restore)
        try await publish(checksums.text, as: ArchiveFile.checksums)
        try await checkAllIsThere()
        try await publish(manifestText, as: ArchiveFile.manifest)
        return manifest
    }

    /// Looks once more before the manifest declares the archive whole: a folder may have been emptied, or its file system
    /// unmounted, since the first part was written.
    private func checkAllIsThere() async throws {
        let contents = try await vault.contents(of: path)
        let present = Dictionary(uniqueKeysWithValues: contents.files.map { ($0.name, $0.bytes) })
        for part in parts where present[VaultName.join(path, part.name)] != part.bytes {
            throw ArchiveError(
                .missingFile, "it is not there any more: something removed or changed it while the archive was written",
                file: VaultName.join(path, part.name))
        }
    }

    private func publish(_ bytes: [UInt8], as name: String) async throws {
        try await noting(name) { try await vault.write(bytes, to: VaultName.join(path, name)) }
    }

    /// Notes a file as ours, also when publishing it failed: it may be there all the same, unless it was there before.
    private func noting<Result>(_ name: String, _ publish: () async throws -> Result) async throws -> Result {
        do {
            let result = try await publish()
            publishedFiles.append(name)
            return result
        } catch VaultError.Code.exists {
            throw ArchiveError(.exists, "the file was there already", file: VaultName.join(path, name))
        } catch {
            publishedFiles.append(name)
            throw error
        }
    }

    private func manifest(_ provenance: ArchiveProvenance, _ partsText: [UInt8]) -> Manifest {
        let digest = SHA256Hex.text(contentHash.finalize())
        var manifest = Manifest(
            id: options.id ?? ArchiveOptions.makeID(), startedAt: provenance.startedAt, finishedAt: options.now(),
            parts: Manifest.Parts(count: parts.count, sha256: SHA256Hex.digest(of: partsText)), totals: totals,
            contentDigest: digest)
        manifest.kind = provenance.kind
        manifest.tool = provenance.tool
        manifest.source = provenance.source
        manifest.read = provenance.read
        manifest.holes = provenance.holes
        manifest.compression = Manifest.Compression(
            level: options.compressionLevel, libzstd: ZstdCompressor.libraryVersion)
        return manifest
    }

    /// Leaves what is published for a later run, and drops the part that is not.
    func suspend() async {
        await part?.abandon()
        part = nil
    }

    /// Removes what was written; a file that cannot be removed stays, and without a manifest it is no archive.
    func abandon() async {
        await part?.abandon()
        part = nil
        for name in publishedFiles.reversed() { try? await vault.remove(VaultName.join(path, name)) }
        // An empty folder would be listed as an archive that is not whole.
        if let contents = try? await vault.contents(of: path), contents.isEmpty { try? await vault.removeFolder(path) }
    }
}
