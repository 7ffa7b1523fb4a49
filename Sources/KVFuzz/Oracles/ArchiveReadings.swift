import KVArchive
import KVModel

/// All the ways to read an archive, and what must be true of each of them and between them.
struct ArchiveReadings {
    private let archive: FuzzedArchive
    private static let lookups = 8

    init(of archive: FuzzedArchive) { self.archive = archive }

    /// Reads the archive in all ways.
    ///
    /// - Returns: What was found, in words.
    func check() async throws -> String {
        let salvaged = try await salvage()
        let opened: Archive
        do {
            opened = try await Archive.open(in: archive.vault, at: "a")
        } catch let error as ArchiveError {
            return "not opened: \(error.code): \(Outcome.words(error.message))"
        }
        let report = try await opened.verify(progress: { _ in })
        let (streamed, error) = try await stream(opened)
        if report.isSound {
            try require(error == nil, "an archive without damage cannot be read: \(error.map { "\($0)" } ?? "")")
            try require(salvaged.lines == streamed, "an archive without damage is salvaged as another one")
            try require(salvaged.report.isComplete, "an archive without damage is salvaged with losses")
        }
        let found = try await look(in: opened, streamed, isSound: report.isSound)
        let damages = report.damages.prefix(3).map { "\($0.code) \(Outcome.words($0.message))" }
        return "\(damages), \(found), \(min(2, salvaged.report.losses.count)) losses, \(streamed.isEmpty)"
    }

    private func salvage() async throws -> (lines: [RecordLine], report: SalvageReport) {
        var lines: [RecordLine] = []
        let report = try await ArchiveSalvage(in: archive.vault, at: "a").run { lines += $0 }
        try checkRecords(lines)
        try require(report.records == lines.count, "\(report.records) records are counted, \(lines.count) were given")
        return (lines, report)
    }

    private func stream(_ opened: Archive) async throws -> ([RecordLine], ArchiveError?) {
        var lines: [RecordLine] = []
        do {
            try await opened.forEachBatch { lines += $0 }
        } catch let error as ArchiveError {
            try checkRecords(lines)
            return (lines, error)
        }
        try checkRecords(lines)
        return (lines, nil)
    }

    /// Looks for some of the keys that are there and for some that are not.
    private func look(in opened: Archive, _ lines: [RecordLine], isSound: Bool) async throws -> String {
        let step = max(1, lines.count / Self.lookups)
        let there = stride(from: 0, to: lines.count, by: step).map { (lines[$0].key, Optional(lines[$0])) }
        let known = Set(lines.map(\.key))
        let absent = [opened.parts[0].firstKey, opened.parts[0].lastKey].map { KVKey(utf8: $0.utf8 + [0x21]) ?? $0 }
        var failure: String?
        for (key, line) in there + absent.filter({ !known.contains($0) }).map({ ($0, nil) }) {
            do {
                let found = try await opened.record(for: key)
                if let found { try RecordTarget.check(found) }
                try require(found == nil || found?.key == key, "the record of another key was found")
                // What was not verified may be missing where an index lies, but not be another record.
                if isSound { try require(found == line, "\(key) is not found as it was read") }
            } catch let error as ArchiveError {
                try require(!isSound, "an archive without damage has a key that cannot be looked up: \(error)")
                failure = "\(error.code): \(Outcome.words(error.message))"
            }
        }
        return failure ?? "looked up"
    }

    private func checkRecords(_ lines: [RecordLine]) throws {
        for line in lines { try RecordTarget.check(line) }
        try require(zip(lines, lines.dropFirst()).allSatisfy { $0.key < $1.key }, "keys are not ascending")
    }
}
