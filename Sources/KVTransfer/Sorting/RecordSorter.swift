/// Sorts more records than fit into memory: full loads of memory become sorted runs in temporary files, and when there
/// are many runs, they become one.
package struct RecordSorter {
    /// How many runs of one size are merged into one: few enough to be open at once with a window each.
    private static let runsMaximum = 32

    private let memoryBytes: Int
    private var records: [UnsortedRecord] = []
    private var recordBytes = 0
    /// The runs by size: those of the next level are made of 32 of this one.
    private var levels: [[SortRun]] = []

    /// A sorter.
    ///
    /// - Parameter memoryBytes: How much may wait in memory; a single record may be larger.
    package init(memoryBytes: Int = 64 << 20) { self.memoryBytes = memoryBytes }

    /// Adds a record.
    ///
    /// - Parameters:
    ///   - key: The key by which it is sorted.
    ///   - text: What is kept of it.
    ///   - position: Where it was read; of two records with one key, the one that was read first comes first.
    /// - Throws: `VaultError` when a temporary file cannot be written; `CancellationError`.
    package mutating func append(_ key: KVKey, _ text: [UInt8], at position: ReadPosition) throws {
        let record = UnsortedRecord(key: key, position: position, text: text)
        records.append(record)
        recordBytes += record.bytes
        if recordBytes >= memoryBytes { try spill() }
    }

    /// All records in order.
    package consuming func finish() throws -> SortedRecords {
        try spill()
        return SortedRecords(runs: levels.flatMap { $0 })
    }

    private mutating func spill() throws {
        guard !records.isEmpty else { return }
        records.sort(by: UnsortedRecord.isOrdered)
        var writer = try SortRunWriter()
        for record in records { try writer.append(record) }
        try add(writer.finish(), level: 0)
        records.removeAll(keepingCapacity: true)
        recordBytes = 0
    }

    private mutating func add(_ run: SortRun, level: Int) throws {
        if level == levels.count { levels.append([]) }
        levels[level].append(run)
        guard levels[level].count == Self.runsMaximum else { return }
        let merged = try Self.merge(levels[level])
        levels[level] = []
        try add(merged, level: level + 1)
    }

    private static func merge(_ runs: [SortRun]) throws -> SortRun {
        var merge = try RunMerge(runs)
        var writer = try SortRunWriter()
        while let item = try merge.next() {
            try Task.checkCancellation()
            let text = try merge.text(of: item)
            try writer.append(UnsortedRecord(key: item.head.key, position: item.head.position, text: text))
        }
        return try writer.finish()
    }
}
