import Digests
import KVModel
import KVVault

/// A check of an archive that is under way.
struct Verification {
    private let archive: Archive
    private let depth: VerificationDepth
    private(set) var report = VerificationReport()

    private var contentHash = SHA256()
    private var totals = ArchiveTotals()
    private var areAllRecordsRead = true

    init(archive: Archive, depth: VerificationDepth) {
        self.archive = archive
        self.depth = depth
    }

    // MARK: Files

    /// Compares the files that are there with those that should be, and all of them with `SHA256SUMS`.
    ///
    /// Parts are hashed when their records are read; that `SHA256SUMS` and the list of parts agree on them shows here.
    mutating func checkFiles() async throws {
        let contents = try await archive.vault.contents(of: archive.path)
        let files = contents.files.map { Substring($0.name).fileName }
        checkNames(files, strangers: (contents.folders + contents.others).map { Substring($0).fileName })
        let sizes = Dictionary(uniqueKeysWithValues: zip(files, contents.files.map(\.bytes)))
        var found = ChecksumFile()
        for part in archive.parts {
            guard let bytes = sizes[part.name] else { continue }
            found.digests[part.name] = part.sha256
            if bytes != part.bytes { note(wrongSize(of: part, bytes)) }
        }
        for file in files where isSmall(file) && file != ArchiveFile.checksums {
            found.digests[file] = try await digest(of: file)
        }
        guard files.contains(ArchiveFile.checksums) else { return }
        try await compare(found)
    }

    private func wrongSize(of part: PartSummary, _ bytes: Int) -> Damage {
        Damage(.wrongSize, file: part.name, "it has \(bytes) bytes instead of \(part.bytes)")
    }

    private func isSmall(_ file: String) -> Bool {
        [ArchiveFile.manifest, ArchiveFile.parts, ArchiveFile.checksums, ArchiveFile.restore].contains(file)
    }

    private func isExpected(_ file: String) -> Bool {
        isSmall(file) || ArchiveFile.partNumber(file).map(archive.parts.indices.contains) ?? false
    }

    private mutating func checkNames(_ files: [String], strangers: [String]) {
        let present = Set(files)
        let required = [ArchiveFile.manifest, ArchiveFile.parts, ArchiveFile.checksums] + archive.parts.map(\.name)
        for file in required where !present.contains(file) {
            report.damages.append(Damage(.missingFile, file: file, "the file is not there"))
        }
        for file in files.filter({ !isExpected($0) }) + strangers {
            report.damages.append(Damage(.strangeFile, file: file, "the archive does not name this file"))
        }
    }

    private mutating func digest(of file: String) async throws -> String {
        let reader = try await archive.vault.open(archive.name(of: file), from: 0)
        var hash = SHA256()
        while true {
            try Task.checkCancellation()
            let chunk = try await reader.read(maximumBytes: 1 << 20)
            if chunk.isEmpty { break }
            hash.update(data: chunk)
            report.bytesChecked += chunk.count
        }
        report.filesChecked += 1
        return SHA256Hex.text(hash.finalize())
    }

    /// The file must be what `sha256sum` would write now; a difference is named file by file where that is possible.
    private mutating func compare(_ found: ChecksumFile) async throws {
        let file = ArchiveFile.checksums
        let expected = found.text
        let name = archive.name(of: file)
        // One more byte than it should have is enough to know that it differs.
        guard let text = try await read(name, maximumBytes: 2 * expected.count + 4096) else {
            report.damages.append(Damage(.tooLarge, file: file, "it is longer than the list of this archive's files"))
            return
        }
        report.filesChecked += 1
        report.bytesChecked += text.count
        if text == expected { return }
        let stated = ChecksumFile.parse(text)
        var isExplained = false
        for (name, digest) in stated.sorted(by: { $0.key < $1.key }) where found.digests[name] != digest {
            isExplained = true
            if found.digests[name] != nil {
                let source = isSmall(name) ? "its SHA-256" : "its SHA-256 in \(ArchiveFile.parts)"
                report.damages.append(Damage(.wrongHash, file: name, "\(source) is not the one in \(file)"))
            } else if !report.damages.contains(where: { $0.file == name }) {
                report.damages.append(Damage(.missingFile, file: name, "\(file) names it, but it is not there"))
            }
        }
        for name in found.digests.keys.sorted() where stated[name] == nil {
            isExplained = true
            report.damages.append(Damage(.wrongHash, file: name, "\(file) does not name it"))
        }
        if !isExplained {
            report.damages.append(Damage(.wrongHash, file: file, "it is not what sha256sum writes for these files"))
        }
    }

    private func read(_ name: String, maximumBytes: Int) async throws -> [UInt8]? {
        do {
            return try await archive.vault.read(name, maximumBytes: maximumBytes)
        } catch VaultError.Code.tooLarge {
            return nil
        }
    }

    // MARK: Records

    /// Reads the parts that are to be read, and compares what is in all of them with the manifest.
    mutating func checkRecords(_ progress: (VerificationProgress) -> Void) async throws {
        let wanted = archive.parts.indices.filter(depth.includes)
        areAllRecordsRead = wanted.count == archive.parts.count
        try await withDecodingPipeline(for: .totals) { pipeline in
            var decoders = PartDecoders(of: wanted.map { archive.parts[$0] }, in: archive, pipeline)
            for number in wanted {
                try Task.checkCancellation()
                try await checkRecords(of: number, &decoders, progress)
            }
        }
        checkTotals()
    }

    private mutating func checkRecords(
        of number: Int, _ decoders: inout PartDecoders, _ progress: (VerificationProgress) -> Void
    ) async throws {
        let part = archive.parts[number]
        report.partsChecked.append(number)
        do {
            try await readRecords(of: part, number, &decoders, progress)
            report.partsSound += 1
            report.filesChecked += 1
            report.bytesChecked += part.bytes
        } catch let error as ArchiveError {
            areAllRecordsRead = false
            note(Damage(error, file: part.name))
            try await checkDamaged(part, error)
        }
    }

    /// Finds out how much of a part is damaged.
    private mutating func checkDamaged(_ part: PartSummary, _ first: ArchiveError) async throws {
        if first.code == .missingFile || first.code == .wrongHash { return }
        if try await digest(of: part.name) != part.sha256 {
            note(
                Damage(
                    .wrongHash, file: part.name, "its SHA-256 is not the one in \(ArchiveFile.parts)",
                    keys: KeyRange(through: part.lastKey)))
        }
        for loss in try await ArchiveSalvage(in: archive.vault, at: archive.path).losses(of: part) {
            report.damages.append(Damage(.malformedFrame, file: part.name, loss.summary, keys: loss.keys))
        }
    }

    /// What is known by its code and file already, such as a missing part, is not named again.
    private mutating func note(_ damage: Damage) {
        let isKnown = report.damages.contains {
            $0.file == damage.file && ($0.code == .missingFile || $0.code == damage.code && $0.code == .wrongSize)
        }
        if !isKnown { report.damages.append(damage) }
    }

    private mutating func readRecords(
        of part: PartSummary, _ index: Int, _ decoders: inout PartDecoders,
        _ progress: (VerificationProgress) -> Void
    ) async throws {
        guard let decoder = try await decoders.next() else { return }
        decoder.observesFrames = true
        while let piece = try await decoder.nextPiece() {
            try Task.checkCancellation()
            await decoders.readAhead()
            totals.add(piece.totals)
            contentHash.update(data: piece.raw)
            report.recordsRead += piece.totals.records
            decoder.recycle(piece)
            progress(
                VerificationProgress(
                    parts: index, partsTotal: archive.parts.count, records: report.recordsRead,
                    recordsTotal: archive.manifest.totals.records))
        }
        try await checkIndex(of: part, decoder.observedFrames)
    }

    /// Compares key index and seek table, where they are, with the frames that were found.
    private func checkIndex(of part: PartSummary, _ frames: [PartIndex.Location]) async throws {
        guard let index = try await PartIndex.read(of: part, in: archive) else { return }
        for (frame, (stated, found)) in zip(index.locations, frames).enumerated() where stated != found {
            throw ArchiveError(
                .malformedIndex, "the key index or the seek table does not fit the frame", file: part.name,
                frame: frame)
        }
    }

    private mutating func checkTotals() {
        // After a fault the sums are wrong for that reason alone.
        guard areAllRecordsRead else { return }
        totals.compressedBytes = archive.manifest.totals.compressedBytes
        if totals != archive.manifest.totals {
            report.damages.append(
                Damage(.contradiction, file: ArchiveFile.manifest, "the totals are not those of the records"))
        }
        if SHA256Hex.text(contentHash.finalize()) != archive.manifest.contentDigest {
            report.damages.append(
                Damage(.wrongHash, file: ArchiveFile.manifest, "the content digest is not that of the records"))
        }
    }
}

extension Substring {
    fileprivate var fileName: String { String(split(separator: "/").last ?? self) }
}
