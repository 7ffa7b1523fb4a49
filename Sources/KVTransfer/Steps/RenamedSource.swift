/// The records of another source under other names, in the order of these.
///
/// Reads the other source to its end when it is made: memory holds 64 MiB, temporary files the rest.
struct RenamedSource: ResumableSource {
    private static let faultsNamed = 5

    private let base: any ResumableSource
    private let renames: PrefixRenames
    private let sorted: SortedRecords
    private var lastSkipped: KVKey?
    let holes: [Hole]
    let recordCount: Int?

    /// Reads and sorts the records.
    ///
    /// - Throws: ``TransferError`` with `keysCollide` or `keyUnusable`; what the source throws; `VaultError` when there is no
    ///   room for temporary files.
    init(_ base: any ResumableSource, _ renames: PrefixRenames) async throws {
        self.base = base
        self.renames = renames
        try await base.check()
        var reading = Reading(renames: renames)
        let records = base.records(after: nil)
        try await records.forEachBatch { for line in $0 { try reading.append(line) } }
        let again = try await base.lookAgain(at: records.doubtfulKeys)
        for line in again.present { try reading.append(line) }
        try reading.checkNames()
        recordCount = reading.count
        holes = Self.renamed(records.holes + again.unreadable, renames)
        sorted = try reading.sorter.finish()
        try checkCollisions()
    }

    /// What the source could not give keeps the name it has there, beside the one that it would get.
    private static func renamed(_ holes: [Hole], _ renames: PrefixRenames) -> [Hole] {
        holes.map { hole in
            let name = renames.name(of: hole.key)
            return name == hole.key ? hole : Hole(key: name, reason: "named \(hole.key) in the source: \(hole.reason)")
        }
    }

    private struct Reading {
        let renames: PrefixRenames
        var sorter = RecordSorter()
        var count = 0
        var unusable: [String] = []
        var unusableCount = 0

        init(renames: PrefixRenames) { self.renames = renames }

        /// Keeps a record as it is in the source, in the order of its new name.
        mutating func append(_ line: RecordLine) throws {
            let name = renames.name(of: line.key)
            if let problem = name.problem {
                unusableCount += 1
                if unusable.count < RenamedSource.faultsNamed { unusable.append("\(line.key) (\(problem))") }
            }
            try sorter.append(name, line.text, at: ReadPosition(number: count))
            count += 1
        }

        func checkNames() throws(TransferError) {
            guard unusableCount > 0 else { return }
            throw TransferError(
                .keyUnusable,
                "\(unusableCount) keys would get names that no key can have, nothing was written: "
                    + unusable.joined(separator: ", ") + (unusableCount > unusable.count ? " and others" : ""))
        }
    }

    private func checkCollisions() throws {
        var last: KVKey?
        var count = 0
        try sorted.forEachEntry { entry in
            if entry.key == last { count += 1 }
            last = entry.key
        }
        guard count > 0 else { return }
        let named = try namedCollisions()
        throw TransferError(
            .keysCollide,
            "\(count) keys would get the name of another, nothing was written: " + named.joined(separator: ", ")
                + (count > named.count ? " and others" : ""))
    }

    /// The first collisions, by the names that the records have in the source.
    private func namedCollisions() throws -> [String] {
        var last: (key: KVKey, text: [UInt8])?
        var collisions: [String] = []
        try sorted.forEachRecord { entry, text in
            defer { last = (entry.key, text) }
            guard let other = last, other.key == entry.key, collisions.count < Self.faultsNamed else { return }
            let names = try (RecordLine(parsing: other.text).key, RecordLine(parsing: text).key)
            collisions.append("\(names.0) and \(names.1) would both become \(entry.key)")
        }
        return collisions
    }

    var name: String { base.name }
    var identity: String { base.identity + renames.identity }
    var isLive: Bool { base.isLive }
    var isResumable: Bool { base.isResumable }
    var scope: KVKey? { base.scope.flatMap(renames.scope) }

    func mayExpire(before moment: UnixTime) -> Bool { base.mayExpire(before: moment) }

    func records(after key: KVKey?) -> any RecordSource {
        var rest = self
        rest.lastSkipped = key
        return rest
    }

    func forEachBatch(_ body: ([RecordLine]) async throws -> Void) async throws {
        try await sorted.forEachBatch(after: lastSkipped) { key, text in
            let line = try RecordLine(parsing: text)
            return line.with(key: key, metadata: line.metadata, expiration: line.expiration)
        } _: { batch in
            try await body(batch)
        }
    }

    func forEachKeyBatch(_ body: ([KVKey]) async throws -> Void) async throws {
        try await sorted.forEachKeyBatch(body)
    }
}
