/// How far an unfinished backup is; stands in the vault beside the archive to be.
struct BackupCheckpoint: Codable, Hashable {
    /// What is backed up, and how: only a run that has all of this in common goes on with the archive.
    struct Identity: Codable, Hashable {
        var formatVersion = 1
        var apiBaseURL: String
        var accountID: String
        var namespaceID: String
        var namespaceTitle: String
        /// As bytes, because two texts that look the same may be equal and still not the same prefix.
        var prefix: [UInt8]
        var isExact: Bool
        var settles: Bool
        var compressionLevel: Int
        var frameBytes: Int
        var partBytes: Int
        /// Which keys are read, if not all with the prefix.
        var selection: String?
    }

    /// A ``PartSummary`` with keys as strings.
    struct Part: Codable, Hashable {
        var name: String
        var records: Int
        var firstKey: String
        var lastKey: String
        var rawBytes: Int
        var bytes: Int
        var sha256: String
        var frames: Int
    }

    /// A key that could not be read.
    struct Hole: Codable, Hashable {
        var key: String
        var reason: String
    }

    /// What was counted up to ``lastKey``.
    struct Counts: Codable, Hashable {
        var keysListed = 0
        var keysVanished = 0
        var vanishedKeys: [String] = []
        var keysReread = 0
        var keysDoubled = 0
        var listsRestarted = 0
        var holes: [Hole] = []
    }

    var identity: Identity
    /// The archive's folder in the vault.
    var archive: String
    /// What the archive's manifest will call it.
    var id: String
    var startedAt: Int64
    var savedAt: Int64
    /// How many runs there were so far.
    var runs = 1
    /// The parts of the archive that are published.
    var parts: [Part] = []
    /// The files with records that come after those of the parts.
    var segments: [Part] = []
    /// The number of the next such file.
    var nextSegment = 0
    /// The last key that is dealt with.
    var lastKey: String?
    /// The cursor of the page in which the next key stands.
    var cursor: String?
    var counts = Counts()
    /// Requests by kind, in all runs.
    var requests: [String: Int] = [:]
    /// Repetitions by cause, in all runs.
    var retriesByCause: [String: Int] = [:]

    /// Whether nothing is so large that it cannot be true, and could not be counted on from.
    var isPlausible: Bool {
        let numbers =
            [
                runs, nextSegment, counts.keysListed, counts.keysVanished, counts.keysReread, counts.keysDoubled,
                counts.listsRestarted,
            ] + (parts + segments).flatMap { [$0.records, $0.rawBytes, $0.bytes, $0.frames] }
        return numbers.arePlausible && requests.values.arePlausible && retriesByCause.values.arePlausible
    }
}

extension BackupCheckpoint.Part {
    init(_ part: PartSummary) {
        self.init(
            name: part.name, records: part.records, firstKey: part.firstKey.string, lastKey: part.lastKey.string,
            rawBytes: part.rawBytes, bytes: part.bytes, sha256: part.sha256, frames: part.frames)
    }

    var summary: PartSummary {
        PartSummary(
            name: name, records: records, firstKey: KVKey(firstKey), lastKey: KVKey(lastKey), rawBytes: rawBytes,
            bytes: bytes, sha256: sha256, frames: frames)
    }
}

extension BackupCheckpoint.Counts {
    init(_ counts: ReadTally.Counts) {
        self.init(
            keysListed: counts.keysListed, keysVanished: counts.keysVanished,
            vanishedKeys: counts.vanishedKeys.map(\.string), keysReread: counts.keysReread,
            keysDoubled: counts.keysDoubled, listsRestarted: counts.listsRestarted,
            holes: counts.holes.map { .init(key: $0.key.string, reason: $0.reason) })
    }

    var counts: ReadTally.Counts {
        var counts = ReadTally.Counts()
        counts.keysListed = keysListed
        counts.keysVanished = keysVanished
        counts.vanishedKeys = vanishedKeys.map { KVKey($0) }
        counts.keysReread = keysReread
        counts.keysDoubled = keysDoubled
        counts.listsRestarted = listsRestarted
        counts.holes = holes.map { Hole(key: KVKey($0.key), reason: $0.reason) }
        return counts
    }
}
