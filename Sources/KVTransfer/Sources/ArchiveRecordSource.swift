/// The records of an archive.
public struct ArchiveRecordSource: ResumableSource {
    private let opened: Archive
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
        opened = archive
        self.prefix = prefix
        lastSkipped = key
        self.isVerified = isVerified
    }

    /// What the backup could not read.
    public var holes: [Hole] { opened.manifest.holes.filter { $0.key.hasPrefix(prefix) } }

    /// The archive's place.
    public var name: String { "archive \(opened.place)" }

    /// The archive's id and content digest, and the prefix percent-encoded, because two texts that look the same may
    /// be equal and still not the same prefix.
    public var identity: String {
        "\(Self.identity(of: opened)) \(PercentEncoding.encode(prefix.utf8))"
    }

    private static func identity(of archive: Archive) -> String {
        "archive \(archive.manifest.id) \(archive.manifest.contentDigest)"
    }

    /// Whether an identity is one of a source that is made of an archive.
    package static func isMade(of archive: Archive, identity: String) -> Bool {
        identity.hasPrefix(Self.identity(of: archive) + " ")
    }

    /// What the manifest says; unknown for a prefix.
    public var recordCount: Int? { prefix.utf8.isEmpty ? opened.manifest.totals.records : nil }

    /// The prefix that was asked for, or the one that the backup was made for, whichever is the longer.
    ///
    /// An archive for which keys were chosen in another way does not say which keys there were.
    public var scope: KVKey? {
        guard opened.manifest.source.filters.isEmpty else { return nil }
        let made = opened.manifest.source.prefix ?? ""
        if prefix.hasPrefix(made) { return prefix }
        return made.hasPrefix(prefix) ? made : nil
    }

    /// The archive.
    public var archive: Archive? { opened }

    /// Verifies the archive from end to end.
    ///
    /// - Throws: ``TransferError`` with `archiveDamaged`; `VaultError`; `CancellationError`.
    public func check() async throws {
        if isVerified { return }
        let verification = try await opened.verify()
        guard let damage = verification.damages.first else { return }
        throw TransferError(
            .archiveDamaged,
            "\(opened.place) is damaged, nothing was written: \(damage)"
                + (verification.damages.count > 1 ? " (and \(verification.damages.count - 1) more)" : ""))
    }

    /// What the manifest says.
    public func mayExpire(before moment: UnixTime) -> Bool {
        opened.manifest.totals.earliestExpiration.map { $0 < moment } ?? false
    }

    /// Some of the records; parts that can hold none of them are not read.
    public func selecting(_ selection: KeySelection) -> any ResumableSource {
        let span = selection.span
        let start = Self(opened, prefix: span.hasPrefix(prefix) ? span : prefix, isVerified: isVerified)
        if selection.isPrefix, start.prefix == span { return start }
        var steps = RecordSteps()
        steps.selection = selection
        return SteppedSource(base: start, selects: true, steps: steps)
    }

    /// The records of the archive that follow a key; parts before it are not read.
    public func records(after key: KVKey?) -> any RecordSource {
        Self(opened, prefix: prefix, after: key, isVerified: isVerified)
    }

    /// Walks the archive's records; hashes, counts and order are checked on the way.
    public func forEachBatch(_ body: ([RecordLine]) async throws -> Void) async throws {
        try await opened.forEachBatch(prefix: prefix.utf8.isEmpty ? nil : prefix, after: lastSkipped, body)
    }
}
