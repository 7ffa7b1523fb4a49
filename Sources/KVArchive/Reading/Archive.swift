import JSONText
public import KVModel
public import KVVault

/// An archive that can be read.
///
/// Opening reads the manifest and the list of parts and checks that they agree. Records are streamed; memory is a few
/// batches and one zstd window, whatever the archive's size.
///
///     let archive = try await Archive.open(path: "backups/orders/latest")
///     try await archive.forEachBatch { lines in
///         for line in lines { print(line.key) }
///     }
public struct Archive: Sendable {
    /// Where the archive is.
    public let vault: any Vault
    /// The archive's folder in the vault; empty when it is the vault itself.
    public let path: String
    /// The summary.
    public let manifest: Manifest
    /// The parts in order.
    public let parts: [PartSummary]

    init(vault: any Vault, path: String, manifest: Manifest, parts: [PartSummary]) {
        self.vault = vault
        self.path = path
        self.manifest = manifest
        self.parts = parts
    }

    /// The name of one of the archive's files in the vault.
    func name(of file: String) -> String { VaultName.join(path, file) }

    // MARK: Opening

    /// Opens an archive of a vault.
    ///
    /// - Parameters:
    ///   - vault: Where the archive is.
    ///   - path: The archive's folder in it; empty when it is the vault itself.
    /// - Returns: The archive, whose records have not been looked at yet.
    /// - Throws: ``ArchiveError``: `notFound`, `incomplete` for an archive without manifest, `notAnArchive`,
    ///   `unsupportedVersion`, `unsupportedFeature`, `malformedManifest`, `malformedParts`, `missingFile`, `wrongHash`,
    ///   `unsafeName`, `outOfOrder`, `contradiction`, `tooLarge`; and the vault's errors.
    public static func open(in vault: any Vault, at path: String) async throws -> Archive {
        let manifest = try await readManifest(in: vault, at: path)
        let parts = try await readParts(in: vault, at: path, manifest)
        return Archive(vault: vault, path: path, manifest: manifest, parts: parts)
    }

    /// Reads the summary alone.
    public static func readManifest(in vault: any Vault, at path: String) async throws -> Manifest {
        let name = VaultName.join(path, ArchiveFile.manifest)
        do {
            return try Manifest(parsing: try await vault.read(name, maximumBytes: Manifest.bytesMaximum))
        } catch VaultError.Code.notFound {
            throw await whyThereIsNoManifest(in: vault, at: path)
        } catch VaultError.Code.tooLarge {
            throw ArchiveError(.tooLarge, "it is larger than any manifest", file: ArchiveFile.manifest)
        }
    }

    private static func whyThereIsNoManifest(in vault: any Vault, at path: String) async -> ArchiveError {
        let place = VaultName.join(vault.location, path)
        guard let contents = try? await vault.contents(of: path), contents.files.contains(where: isOfArchive) else {
            return ArchiveError(.notFound, "there is no archive", file: place)
        }
        return ArchiveError(
            .incomplete, "the archive has no \(ArchiveFile.manifest): writing it did not finish", file: place)
    }

    static func isOfArchive(_ file: VaultFile) -> Bool {
        let name = file.name.split(separator: "/").last ?? ""
        let isPart = name.hasPrefix("part-") && name.hasSuffix(".ndjson.zst")
        return isPart || [ArchiveFile.parts, ArchiveFile.checksums].contains(String(name))
    }

    private static func readParts(
        in vault: any Vault, at path: String, _ manifest: Manifest
    ) async throws -> [PartSummary] {
        let name = VaultName.join(path, ArchiveFile.parts)
        let text: [UInt8]
        do {
            text = try await vault.read(name, maximumBytes: PartList.bytesMaximum)
        } catch VaultError.Code.notFound {
            throw ArchiveError(.missingFile, "the list of parts is not there", file: ArchiveFile.parts)
        } catch VaultError.Code.tooLarge {
            throw ArchiveError(.tooLarge, "it is larger than any list of parts", file: ArchiveFile.parts)
        }
        guard SHA256Hex.digest(of: text) == manifest.parts.sha256 else {
            throw ArchiveError(.wrongHash, "its SHA-256 is not the one in the manifest", file: ArchiveFile.parts)
        }
        return try PartList.parse(text, for: manifest)
    }

    // MARK: Records

    /// Hands out the records in order, a batch at a time.
    ///
    /// The next batch is read when the body has returned. Everything the archive says about what is read is checked on
    /// the way, frame checksums before their last lines are handed out and a part's SHA-256 after its last one: when
    /// this throws, the records before may come from a damaged part. Who cannot take records back calls
    /// ``verify(_:progress:)`` first. Of a part of which not all frames can hold a wanted record only those are read that can,
    /// as far as the part has a key index; they are checked each for itself then.
    ///
    /// - Parameters:
    ///   - prefix: Only records whose keys start so.
    ///   - key: Only records whose keys come after this one.
    ///   - body: Takes a batch: up to 1000 lines or about half a MiB, or what is wanted of one frame; never an empty one.
    /// - Throws: ``ArchiveError`` that names part, frame and keys; the vault's errors and the body's.
    public func forEachBatch(
        prefix: KVKey? = nil, after key: KVKey? = nil, _ body: ([RecordLine]) async throws -> Void
    ) async throws {
        let window = KeyWindow(prefix: prefix, after: key)
        let wanted = parts.filter { window.mayMeet(first: $0.firstKey, last: $0.lastKey) }
        guard prefix == nil, key == nil else { return try await forEachBatch(of: wanted, in: window, body) }
        try await withDecodingPipeline(for: .records) { pipeline in
            var decoders = PartDecoders(of: wanted, in: self, pipeline)
            while let decoder = try await decoders.next() {
                while let lines = try await decoder.nextBatch() {
                    await decoders.readAhead()
                    try await body(lines)
                }
            }
        }
    }

    private func forEachBatch(
        of parts: [PartSummary], in window: KeyWindow, _ body: ([RecordLine]) async throws -> Void
    ) async throws {
        for part in parts {
            if let (index, frames) = try await frames(of: part, in: window) {
                for frame in frames {
                    let lines = try await lines(of: frame, at: index.locations[frame], in: part)
                    let wanted = lines.filter { window.contains($0.key) }
                    if !wanted.isEmpty { try await body(wanted) }
                }
                continue
            }
            try await withDecodingPipeline(for: .records) { pipeline in
                let decoder = try await decoder(for: part, pipeline: pipeline)
                while let lines = try await decoder.nextBatch() {
                    let wanted = lines.filter { window.contains($0.key) }
                    if !wanted.isEmpty { try await body(wanted) }
                }
            }
        }
    }

    /// The frames of a part that may hold wanted records, or `nil` if that is all of them or the part has no key index.
    private func frames(of part: PartSummary, in window: KeyWindow) async throws -> (PartIndex, Range<Int>)? {
        guard part.frames > 1, let index = try await PartIndex.read(of: part, in: self) else { return nil }
        let locations = index.locations
        let wanted = locations.indices.filter { frame in
            let next = frame + 1 < locations.count ? locations[frame + 1].firstKey : nil
            return window.mayMeet(
                first: locations[frame].firstKey, last: next == nil ? part.lastKey : nil, next: next)
        }
        if wanted.count == locations.count { return nil }
        guard let first = wanted.first, let last = wanted.last else { return (index, 0..<0) }
        return (index, first..<last + 1)
    }

    /// Opens a part to read it from its start.
    func decoder(
        for part: PartSummary, _ wish: FramePiece.Wish = .records, pipeline: DecodingPipeline? = nil
    ) async throws -> PartDecoder {
        PartDecoder(part: part, reader: try await open(part, from: 0), wish, pipeline: pipeline)
    }

    /// Opens the file of a part, which must be there and have its size.
    func open(_ part: PartSummary, from offset: Int) async throws -> any VaultReader {
        do {
            let reader = try await vault.open(name(of: part.name), from: offset)
            guard reader.bytes == part.bytes else {
                throw ArchiveError(
                    .wrongSize, "it has \(reader.bytes) bytes instead of \(part.bytes)", file: part.name)
            }
            return reader
        } catch VaultError.Code.notFound {
            throw ArchiveError(.missingFile, "the part is not there", file: part.name)
        } catch VaultError.Code.notAFile {
            throw ArchiveError(.missingFile, "the part is not a regular file", file: part.name)
        }
    }
}
