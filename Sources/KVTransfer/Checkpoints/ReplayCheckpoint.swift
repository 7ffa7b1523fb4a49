/// How far an unfinished replay is.
struct ReplayCheckpoint: Codable, Hashable {
    /// What is written, and where to: only a run that has all of this in common goes on.
    struct Identity: Codable, Hashable {
        var formatVersion = 4
        var source: String
        var apiBaseURL: String
        var accountID: String
        var namespaceID: String
        var expiring: String
        /// Which records are sent: all, or those that the target does not have.
        var selection: String
    }

    /// A key that the API did not take, or did not give.
    struct Hole: Codable, Hashable {
        var key: String
        var reason: String
    }

    var identity: Identity
    /// Whether the target was empty when the first run began, so that what is in it now is the replay's own.
    var beganEmpty: Bool
    var startedAt: Int64
    var savedAt: Int64
    /// How many runs there were so far.
    var runs = 1
    /// The last key up to which the API has acknowledged all chunks, in the order of the source.
    var lastKey: String?
    /// The last record up to there that was written or need not be, which is still there if the namespace was not emptied
    /// meanwhile.
    var lastWrittenKey: String?
    /// When that record expires, in Unix seconds.
    var lastWrittenExpiration: Int64?
    var written = 0
    var writtenBytes = 0
    var expired = 0
    var expiredKeys: [String] = []
    var extended = 0
    var kept = 0
    var unchanged = 0
    var deleted = 0
    var holes: [Hole] = []
    /// What the source could not give, up to the last key.
    var sourceHoles: [Hole] = []
    /// Keys of the source that were named and then not there, up to the last key.
    var doubtfulKeys: [String] = []
    var notDeleted: [Hole] = []
    /// Requests by kind, in all runs.
    var requests: [String: Int] = [:]
    /// Repetitions by cause, in all runs.
    var retriesByCause: [String: Int] = [:]

    /// Whether nothing is so large that it cannot be true, and could not be counted on from.
    var isPlausible: Bool {
        let counts = [runs, written, writtenBytes, expired, extended, kept, unchanged, deleted]
        return counts.arePlausible && requests.values.arePlausible && retriesByCause.values.arePlausible
    }

    /// The last record that was written, as a landmark.
    var lastWritten: WriteOutcome.Landmark? {
        lastWrittenKey.map { key in
            WriteOutcome.Landmark(
                key: KVKey(key), expiration: lastWrittenExpiration.map { UnixTime(seconds: $0) })
        }
    }
}

/// Keeps an unfinished replay's checkpoint, outside of an archive, which a replay never touches.
struct ReplayJournal {
    private static let fileName = "checkpoint.json"

    private let vault: any Vault
    private let folder: String
    private let clock: @Sendable () -> UnixTime
    private(set) var checkpoint: ReplayCheckpoint
    /// Whether an earlier run may have left records in the namespace.
    let followsAnother: Bool

    /// The folder for a target: one for each namespace, so that its lock keeps a second replay into it out.
    static func folder(apiBaseURL: String, accountID: AccountID, namespaceID: NamespaceID) -> String {
        let name = "\(apiBaseURL)\n\(accountID)\n\(namespaceID)"
        return "replay-\(SHA256Hex.digest(of: Array(name.utf8)).prefix(32))"
    }

    init(
        _ checkpoint: ReplayCheckpoint, in vault: any Vault, at folder: String, followsAnother: Bool,
        clock: @escaping @Sendable () -> UnixTime
    ) {
        self.checkpoint = checkpoint
        self.vault = vault
        self.folder = folder
        self.followsAnother = followsAnother
        self.clock = clock
    }

    /// The checkpoint of a target, or `nil` if there is none that can be believed.
    static func checkpoint(in vault: any Vault, at folder: String) async throws -> ReplayCheckpoint? {
        let name = VaultName.join(folder, fileName)
        let checkpoint = try await CheckpointFile.read(name, in: vault, as: ReplayCheckpoint.self)
        return checkpoint.flatMap { $0.isPlausible ? $0 : nil }
    }

    /// Writes down what has been done up to a key.
    mutating func save(
        _ report: ReplayReport, through lastKey: KVKey?, lastWritten: WriteOutcome.Landmark?, doubtful: [KVKey]
    ) async throws {
        checkpoint.lastKey = lastKey?.string
        checkpoint.lastWrittenKey = lastWritten?.key.string
        checkpoint.lastWrittenExpiration = lastWritten?.expiration?.seconds
        checkpoint.written = report.written
        checkpoint.writtenBytes = report.writtenBytes
        checkpoint.expired = report.expired
        checkpoint.expiredKeys = report.expiredKeys.map(\.string)
        checkpoint.extended = report.extended
        checkpoint.kept = report.kept
        checkpoint.unchanged = report.unchanged
        checkpoint.deleted = report.deleted
        checkpoint.holes = report.holes.map { .init(key: $0.key.string, reason: $0.reason) }
        checkpoint.doubtfulKeys = doubtful.map(\.string)
        checkpoint.notDeleted = report.notDeleted.map { .init(key: $0.key.string, reason: $0.reason) }
        checkpoint.sourceHoles = report.sourceHoles.map { .init(key: $0.key.string, reason: $0.reason) }
        checkpoint.requests = report.requests
        checkpoint.retriesByCause = report.retriesByCause
        checkpoint.savedAt = clock().seconds
        let text = try CheckpointFile.text(of: checkpoint)
        try await vault.write(text, to: VaultName.join(folder, Self.fileName), onExisting: .replace)
    }

    /// Removes the checkpoint of a replay that has come to its end.
    func remove() async throws { try await vault.remove(VaultName.join(folder, Self.fileName)) }
}
