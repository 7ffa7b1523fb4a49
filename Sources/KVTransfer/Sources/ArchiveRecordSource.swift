/// The records of an archive.
public struct ArchiveRecordSource: ResumableSource {
    private let archive: Archive
    private let prefix: KVKey
    private let lastSkipped: KVKey?
    private let isVerified: Bool

    /// A source for an opened archive.
    ///
    /// - Parameters:
    ///   - archive: The archive.
    ///   - prefix: What keys must start with to be read.
    ///   - key: The last key that is not to be read; `nil` to read from the start.
    ///   - isVerified: Whether the archive has just been verified, so that ``check()`` does not do it again.
    public init(_ archive: Archive, prefix: KVKey = "", after key: KVKey? = nil, isVerified: Bool = false) {
        self.archive = archive
        self.prefix = prefix
        lastSkipped = key
        self.isVerified = isVerified
    }

    /// What the backup could not read.
    public var holes: [Hole] { archive.manifest.holes }

    /// The archive's place.
    public var name: String { "archive \(archive.place)" }

    /// The archive's id and content digest, and the prefix as hexadecimal digits, because two texts that look the same may
    /// be equal and still not the same prefix.
    public var identity: String {
        let prefix = prefix.utf8.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        return "archive \(archive.manifest.id) \(archive.manifest.contentDigest) \(prefix)"
    }

    /// What the manifest says; unknown for a prefix.
    public var recordCount: Int? { prefix.utf8.isEmpty ? archive.manifest.totals.records : nil }

    /// Verifies the archive from end to end.
    ///
    /// - Throws: ``TransferError`` with `archiveDamaged`; `VaultError`; `CancellationError`.
    public func check() async throws {
        if isVerified { return }
        let verification = try await archive.verify()
        guard let damage = verification.damages.first else { return }
        throw TransferError(
            .archiveDamaged,
            "\(archive.place) is damaged, nothing was written: \(damage)"
                + (verification.damages.count > 1 ? " (and \(verification.damages.count - 1) more)" : ""))
    }

    /// What the manifest says.
    public func mayExpire(before moment: UnixTime) -> Bool {
        archive.manifest.totals.earliestExpiration.map { $0 < moment } ?? false
    }

    /// The records of the archive that follow a key; parts before it are not read.
    public func records(after key: KVKey) -> any RecordSource {
        Self(archive, prefix: prefix, after: key, isVerified: isVerified)
    }

    /// Walks the archive's records; hashes, counts and order are checked on the way.
    public func forEachBatch(_ body: ([RecordLine]) async throws -> Void) async throws {
        try await archive.forEachBatch(prefix: prefix.utf8.isEmpty ? nil : prefix, after: lastSkipped, body)
    }
}
