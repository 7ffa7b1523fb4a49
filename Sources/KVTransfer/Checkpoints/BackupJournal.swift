import Synchronization

/// Keeps an unfinished backup's checkpoint up to date, and the records that no published part holds yet.
///
/// Beside the archive's folder `TIME` stands `TIME.unfinished` with `checkpoint.json` and segments. A segment holds the
/// records read since the one before, and goes when the part that holds them is published. What was read since the last
/// save is all that a kill can lose. Everything is written in an order in which a checkpoint names only what is there.
struct BackupJournal {
    /// How often a checkpoint is written: when one of these is reached.
    struct Interval: Hashable, Sendable {
        /// Requests since the last one.
        var requests = 200
        /// Time since the last one.
        var time = Duration.seconds(15)
        /// Bytes of records since the last one, which are held in memory until they are written.
        var bytes = 4 << 20
    }

    private static let fileName = "checkpoint.json"

    let vault: any Vault
    private let interval: Interval
    private(set) var checkpoint: BackupCheckpoint
    /// Whether an earlier run has written the checkpoint.
    let isResumed: Bool

    private var pending: [RecordLine] = []
    private var pendingBytes = 0
    /// What is being written, until it is known that it was.
    private var unconfirmed: [RecordLine] = []
    /// How far the walk is, in which what is pending and what is being written is included.
    private var walked: ListPosition?
    private var requestsAtSave = 0
    private var lastBegun: BackupSave.Progress?
    private var lastSave = ContinuousClock.now
    private let clock: @Sendable () -> UnixTime

    init(
        _ checkpoint: BackupCheckpoint, isResumed: Bool, in vault: any Vault, interval: Interval,
        clock: @escaping @Sendable () -> UnixTime
    ) {
        self.vault = vault
        self.checkpoint = checkpoint
        self.isResumed = isResumed
        self.interval = interval
        self.clock = clock
        if isResumed { self.checkpoint.runs += 1 }
    }

    /// The folder of the checkpoint and the segments.
    var folder: String { Self.folder(of: checkpoint.archive) }
    /// Where the next run goes on.
    var position: ListPosition {
        ListPosition(lastKey: checkpoint.lastKey.map { KVKey($0) }, cursor: checkpoint.cursor)
    }
    /// Whether there is anything that a later run could go on from.
    var isWorthKeeping: Bool { checkpoint.lastKey != nil }
    /// How many records are kept.
    var records: Int { (checkpoint.parts + checkpoint.segments).map(\.records).boundedSum }

    static func folder(of archive: String) -> String { archive + ArchiveCatalog.unfinishedSuffix }

    /// The checkpoint of an unfinished archive, or `nil` if there is none that can be believed.
    static func checkpoint(of archive: String, in vault: any Vault) async throws -> BackupCheckpoint? {
        let name = VaultName.join(folder(of: archive), fileName)
        let checkpoint = try await CheckpointFile.read(name, in: vault, as: BackupCheckpoint.self)
        return checkpoint.flatMap { $0.isPlausible ? $0 : nil }
    }

    /// Hands out the records that earlier runs have read and no part holds.
    func forEachKeptBatch(_ body: ([RecordLine]) async throws -> Void) async throws {
        let lastInParts = checkpoint.parts.last.map { KVKey($0.lastKey) }
        for segment in checkpoint.segments {
            try await RecordSegment.read(segment.summary, in: vault, at: folder) { lines in
                let wanted = lines.filter { line in lastInParts.map { line.key > $0 } ?? true }
                if !wanted.isEmpty { try await body(wanted) }
            }
        }
    }

    /// Takes note of a batch that is dealt with.
    mutating func note(_ batch: ReadBatch) {
        pending += batch.lines
        pendingBytes += batch.lines.reduce(0) { $0 + $1.text.count }
        walked = batch.position
    }

    /// Whether it is time for a checkpoint.
    ///
    /// While one is being written, an API that answers thousands of requests a second does not wait for the disk because of
    /// their number; memory is waited for.
    func isDue(requests: Int) -> Bool {
        pendingBytes >= interval.bytes || ContinuousClock.now - lastSave >= interval.time
            || requests - requestsAtSave >= interval.requests && !(lastBegun?.isUnderWay ?? false)
    }

    /// What a checkpoint holds besides records.
    struct Progress {
        var parts: [PartSummary]
        var counts: ReadTally.Counts
        /// What this run has sent.
        var requests: RequestStatistics
        /// What this run and those before it have sent.
        var total: RequestTotals
    }

    /// Takes what is pending, to write it and a checkpoint that names it; ``saved(_:)`` is to be told of the result.
    ///
    /// The walk need not wait for it. Only one is written at a time.
    mutating func beginSave(_ progress: Progress) -> BackupSave {
        var next = checkpoint
        next.lastKey = walked?.lastKey?.string ?? next.lastKey
        if let walked { next.cursor = walked.cursor }
        next.counts = .init(progress.counts)
        next.requests = progress.total.requests
        next.retriesByCause = progress.total.retriesByCause
        next.savedAt = clock().seconds
        // When the save before this one has failed, its records are still to be written.
        unconfirmed += pending
        pending = []
        pendingBytes = 0
        requestsAtSave = progress.requests.total
        lastSave = ContinuousClock.now
        let save = BackupSave(
            lines: unconfirmed, parts: progress.parts, checkpoint: next, vault: vault, folder: folder)
        lastBegun = save.progress
        return save
    }

    /// Learns that a checkpoint was written.
    mutating func saved(_ checkpoint: BackupCheckpoint) {
        self.checkpoint = checkpoint
        unconfirmed = []
    }

    /// Writes down what has been sent, where there are no more records to keep.
    mutating func save(_ total: RequestTotals) async throws {
        checkpoint.requests = total.requests
        checkpoint.retriesByCause = total.retriesByCause
        checkpoint.savedAt = clock().seconds
        try await write()
    }

    /// Writes the checkpoint as it is.
    func write() async throws { try await Self.write(checkpoint, in: vault, at: folder) }

    fileprivate static func write(_ checkpoint: BackupCheckpoint, in vault: any Vault, at folder: String) async throws {
        let text = try CheckpointFile.text(of: checkpoint)
        try await vault.write(text, to: VaultName.join(folder, fileName), onExisting: .replace)
    }

    /// Removes the checkpoint and the segments, once the archive is finished or not worth going on with.
    func remove() async throws { try await vault.removeFolder(folder) }
}

/// Records on their way into a segment, and the checkpoint that will name it.
struct BackupSave: Sendable {
    fileprivate let lines: [RecordLine]
    /// The parts that are published.
    fileprivate let parts: [PartSummary]
    fileprivate var checkpoint: BackupCheckpoint
    fileprivate let vault: any Vault
    fileprivate let folder: String
    fileprivate let progress = Progress()

    /// Whether the save is still under way.
    fileprivate final class Progress: Sendable {
        private let hasEnded = Atomic(false)
        var isUnderWay: Bool { !hasEnded.load(ordering: .relaxed) }
        func end() { hasEnded.store(true, ordering: .relaxed) }
    }

    /// Writes the segment, then the checkpoint, and removes what it does not name any more.
    ///
    /// - Returns: The checkpoint.
    /// - Throws: The vault's errors; the checkpoint before this one stands then.
    consuming func write() async throws -> BackupCheckpoint {
        defer { progress.end() }
        if !lines.isEmpty {
            let name = "segment-\(checkpoint.nextSegment).ndjson.zst"
            let segment = try await RecordSegment.write(lines, as: name, in: vault, at: folder)
            checkpoint.nextSegment += 1
            checkpoint.segments.append(.init(segment))
        }
        let obsolete = dropSegments()
        try await BackupJournal.write(checkpoint, in: vault, at: folder)
        // Only now that no checkpoint names them.
        for name in obsolete { try await vault.remove(VaultName.join(folder, name)) }
        return checkpoint
    }

    /// Forgets the segments whose records are in parts now.
    private mutating func dropSegments() -> [String] {
        guard let last = parts.last, parts.count != checkpoint.parts.count else { return [] }
        checkpoint.parts = parts.map { .init($0) }
        let obsolete = checkpoint.segments.filter { KVKey($0.lastKey) <= last.lastKey }
        checkpoint.segments.removeAll { KVKey($0.lastKey) <= last.lastKey }
        return obsolete.map(\.name)
    }
}
