public import KVModel
public import KVVault

/// Reads what is left of a damaged archive: every record of every frame that is whole.
///
/// The manifest, the list of parts and the checksums are not needed; where the list of parts can be read, it tells how many
/// records are lost. What comes out is not proven to be what went in, as an archive that is sound is: only frames and lines
/// are checked.
public struct ArchiveSalvage: Sendable {
    private let vault: any Vault
    private let path: String

    /// A salvage of the archive in a folder.
    ///
    /// - Parameters:
    ///   - vault: Where the archive is.
    ///   - path: The archive's folder in it; empty when it is the vault itself.
    public init(in vault: any Vault, at path: String) {
        self.vault = vault
        self.path = path
    }

    /// A salvage of an archive of the file system.
    ///
    /// - Parameter path: The archive's own folder, or any path that ``Archive/open(path:)`` takes for an archive that can
    ///   still be opened.
    /// - Throws: As ``Archive/open(path:)`` when there is no such folder.
    public init(path: String) async throws {
        let folder = FolderVault(path: path)
        if try await folder.contents(of: "").files.isEmpty {
            let archive = try await Archive.open(path: path)
            self.init(in: archive.vault, at: archive.path)
        } else {
            self.init(in: folder, at: "")
        }
    }

    /// Hands out the records that can be read, in order, a frame at a time.
    ///
    /// - Parameter body: Takes the records of a frame, never none.
    /// - Returns: What was read and what was not.
    /// - Throws: ``ArchiveError`` with `notFound` when there is no part of an archive; the vault's errors and the body's.
    public func run(_ body: ([RecordLine]) async throws -> Void) async throws -> SalvageReport {
        var run = SalvageRun(vault: vault, path: path)
        return try await run.run(body)
    }

    /// What cannot be read of one part.
    func losses(of part: PartSummary) async throws -> [SalvageReport.Loss] {
        var run = SalvageRun(vault: vault, path: path)
        return try await run.losses(of: part)
    }
}

/// What a salvage has read and what it has not.
public struct SalvageReport: Hashable, Sendable {
    /// The records that were read.
    public var records = 0
    /// The frames that they were in.
    public var frames = 0
    /// What could not be read, in order.
    public var losses: [Loss] = []
    /// How many records are lost, where the list of parts tells.
    public var recordsLost: Int?

    /// Something that could not be read.
    public struct Loss: Hashable, Sendable, CustomStringConvertible {
        /// The part, or another file of the archive.
        public var file: String
        /// Which bytes of the file it is, or where the frame stands of which some lines are lost; `nil` for a file that is
        /// not there.
        public var bytes: Range<Int>?
        /// What is wrong.
        public var message: String
        /// The keys between which lost records may be, as far as the records around them tell.
        public var keys: KeyRange?

        /// The place and what is lost there.
        public var description: String { "\(file): \(summary)" + (keys.map { " (\($0))" } ?? "") }

        /// Where in the file it is and what.
        var summary: String {
            let place =
                bytes.map { $0.isEmpty ? "at byte \($0.lowerBound): " : "bytes \($0.lowerBound) to \($0.upperBound): " }
                ?? ""
            return place + message
        }
    }

    /// Whether nothing was lost.
    public var isComplete: Bool { losses.isEmpty && recordsLost ?? 0 == 0 }

    /// Nothing read yet.
    public init() {}
}

/// A salvage that is under way.
private struct SalvageRun {
    /// So many lines that are no records, and a frame is not worth reading on: a small one may hold millions of them.
    private static let refusedMaximum = 100

    let vault: any Vault
    let path: String
    private var report = SalvageReport()
    private var lastKey: KVKey?
    /// The losses whose end is not known before another record is read.
    private var openLosses: Range<Int> = 0..<0

    init(vault: any Vault, path: String) {
        self.vault = vault
        self.path = path
    }

    mutating func run(_ body: ([RecordLine]) async throws -> Void) async throws -> SalvageReport {
        let present = try await parts()
        let archive = try await openArchive()
        guard !present.isEmpty || archive != nil else {
            throw ArchiveError(.notFound, "there is no part of an archive", file: VaultName.join(vault.location, path))
        }
        let stated = archive?.parts ?? []
        let numbers = Set(present).union(stated.indices)
        for number in numbers.sorted() {
            let name = ArchiveFile.part(number)
            if present.contains(number) {
                try await readPart(name, bytes: number < stated.count ? stated[number].bytes : nil, body)
            } else {
                lose(SalvageReport.Loss(file: name, message: "the part is not there"))
            }
        }
        closeLosses(before: nil)
        report.recordsLost = archive.map { max(0, $0.manifest.totals.records - report.records) }
        return report
    }

    mutating func losses(of part: PartSummary) async throws -> [SalvageReport.Loss] {
        try await readPart(part.name, bytes: part.bytes) { _ in }
        closeLosses(before: nil)
        return report.losses
    }

    /// The numbers of the parts that are there.
    private func parts() async throws -> Set<Int> {
        Set(
            try await vault.contents(of: path).files.compactMap { file in
                file.name.split(separator: "/").last.flatMap { ArchiveFile.partNumber(String($0)) }
            })
    }

    /// The archive, if manifest and list of parts can still be read.
    private mutating func openArchive() async throws -> Archive? {
        do {
            return try await Archive.open(in: vault, at: path)
        } catch let error as ArchiveError {
            guard error.code != .notFound else { return nil }
            lose(SalvageReport.Loss(file: error.file ?? ArchiveFile.manifest, message: error.message))
            return nil
        }
    }

    /// Reads a part, which should have so many bytes if that is known.
    private mutating func readPart(
        _ name: String, bytes: Int?, _ body: ([RecordLine]) async throws -> Void
    ) async throws {
        var scanner = try await FrameScanner(of: VaultName.join(path, name), in: vault)
        while let finding = try await scanner.next() {
            switch finding {
            case .frame(let offset, let raw):
                let lines = takeLines(raw, name, offset)
                if !lines.isEmpty { try await body(lines) }
            case .damage(let offset, let bytes):
                lose(
                    SalvageReport.Loss(
                        file: name, bytes: offset..<offset + bytes, message: "it holds no frame that is whole"))
            }
        }
        if let bytes, scanner.fileBytes < bytes {
            lose(
                SalvageReport.Loss(
                    file: name, bytes: scanner.fileBytes..<bytes, message: "the file ends before them"))
        }
    }

    /// The lines of a frame that are records and in order.
    private mutating func takeLines(_ raw: [UInt8], _ name: String, _ offset: Int) -> [RecordLine] {
        var lines: [RecordLine] = []
        var refused = 0
        var last = lastKey
        var cutter = LineCutter()
        cutter.append { $0 = raw }
        while refused < Self.refusedMaximum, let text = cutter.next() {
            guard let line = try? RecordLine(parsing: text), last.map({ $0 < line.key }) ?? true else {
                refused += 1
                continue
            }
            last = line.key
            lines.append(line)
        }
        if let first = lines.first { closeLosses(before: first.key) }
        if refused > 0 {
            lose(
                SalvageReport.Loss(
                    file: name, bytes: offset..<offset,
                    message: refused < Self.refusedMaximum
                        ? "\(refused) lines of the frame are no records, or not in order"
                        : "\(refused) lines of the frame are no records, and the rest of it was not read"))
            if !lines.isEmpty { closeLosses(before: nil) }
        }
        report.frames += lines.isEmpty ? 0 : 1
        report.records += lines.count
        lastKey = last
        return lines
    }

    private mutating func lose(_ loss: SalvageReport.Loss) {
        if openLosses.isEmpty { openLosses = report.losses.count..<report.losses.count }
        report.losses.append(loss)
        openLosses = openLosses.lowerBound..<report.losses.count
    }

    /// The losses since the last record are of keys before the next one.
    private mutating func closeLosses(before next: KVKey?) {
        for index in openLosses { report.losses[index].keys = KeyRange(after: lastKey, before: next) }
        openLosses = report.losses.count..<report.losses.count
    }
}
