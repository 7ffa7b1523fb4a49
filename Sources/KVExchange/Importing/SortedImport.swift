import Digests
package import KVTransfer

/// The records of files, in key order and each key once: a source for a job.
///
/// Reading takes 64 MiB and a few times the largest record, and as much space in the folder for temporary files as the
/// records have; handing them out takes 64 KiB for each run of the sort, a batch and the largest record.
package struct SortedImport: ResumableSource {
    /// How files are read.
    package struct Options: Sendable {
        /// The format of all files; found out for each if it is not given.
        package var format: ImportFormat?
        /// Which record counts when a key comes twice; the others are not looked at.
        package var duplicates = Duplicates.refuse
        /// How many faults are kept to be named, of each kind.
        package var faultsMaximum = 20
        /// How much may wait in memory to be sorted, in bytes.
        package var sortBytes = 64 << 20
        /// The moment from which times to live count.
        package var now = UnixTime.now()

        package init() {}
    }

    /// What is to be made of a key that comes twice.
    package enum Duplicates: String, CaseIterable, Sendable {
        /// It is an error.
        case refuse
        /// The last one counts, in the order of files and records.
        case last
    }

    private let sorted: SortedRecords
    private var lastSkipped: KVKey?
    package let name: String
    /// None: what could not be read is among the faults.
    package let holes: [Hole] = []
    /// A digest of the records in the order in which they were read.
    package let identity: String
    /// How many records the source has.
    package private(set) var records = 0
    /// What is not a record, as far as it is named: place and reason.
    package private(set) var faults: [String] = []
    /// How many there are.
    package private(set) var faultCount = 0
    /// Keys that came more than once, as far as they are named: key and places.
    package private(set) var duplicates: [String] = []
    /// How many records have a key that came before.
    package private(set) var duplicateCount = 0
    /// Keys of bulk reads that had no value.
    package private(set) var absentCount = 0

    /// Reads files.
    ///
    /// - Parameters:
    ///   - paths: The files and folders; `-` is standard input.
    ///   - options: How to read them.
    /// - Throws: ``ExchangeError`` and `VaultError` when a file cannot be read as a whole; `CancellationError`. Single
    ///   records that are wrong are faults.
    package init(reading paths: [String], options: Options = Options()) throws {
        var reading = Reading(options: options)
        for path in paths { try reading.read(path) }
        name = paths.count == 1 ? paths[0] : "\(paths.count) files"
        faults = reading.faults
        faultCount = reading.faultCount
        absentCount = reading.absentCount
        identity = "files \(SHA256Hex.text(reading.digest.finalize())) \(options.duplicates)"
        let places = reading.places
        sorted = try reading.sorter.finish()
        try countRecords(places, options.faultsMaximum)
    }

    /// Walks the keys once, before anything is done with the records.
    private mutating func countRecords(_ places: Places, _ maximum: Int) throws {
        var last: SortedRecords.Entry?
        var count = 0
        try sorted.forEachEntry { entry in
            if let last, last.key == entry.key {
                duplicateCount += 1
                if duplicates.count < maximum {
                    duplicates.append(
                        "\(places.text(entry.position)): key \(entry.key) stands in \(places.text(last.position)) too")
                }
            } else {
                count += 1
            }
            last = entry
        }
        records = count
    }

    package var recordCount: Int? { records }

    package func records(after key: KVKey?) -> any RecordSource {
        var rest = self
        rest.lastSkipped = key
        return rest
    }

    package func forEachBatch(_ body: ([RecordLine]) async throws -> Void) async throws {
        try await sorted.forEachBatch(after: lastSkipped) { _, text in
            try RecordLine(parsing: text)
        } _: { batch in
            try await body(batch)
        }
    }

    package func forEachKeyBatch(_ body: ([KVKey]) async throws -> Void) async throws {
        try await sorted.forEachKeyBatch(body)
    }
}

/// The names of positions.
private struct Places {
    private var files: [(name: String, unit: String)] = []

    mutating func add(_ path: String, unit: String) -> Int {
        files.append((path == "-" ? "standard input" : path, unit))
        return files.count - 1
    }

    func text(_ position: ReadPosition) -> String {
        "\(files[position.file].name), \(files[position.file].unit) \(position.number)"
    }
}

/// Files while they are read.
private struct Reading {
    let options: SortedImport.Options
    var sorter: RecordSorter
    var digest = SHA256()
    var places = Places()
    var faults: [String] = []
    var faultCount = 0
    var absentCount = 0

    init(options: SortedImport.Options) {
        self.options = options
        sorter = RecordSorter(memoryBytes: options.sortBytes)
    }

    /// A record with a time to live is the same record whenever it is read.
    private mutating func digest(_ line: RecordLine, _ timeToLive: Int64?) {
        var said = line
        if timeToLive != nil {
            var record = line.record
            record.expiration = nil
            said = RecordLine(record)
        }
        digest.update(data: said.text)
        digest.update(data: Array("\n\(timeToLive.map { String($0) } ?? "")\n".utf8))
    }

    mutating func read(_ path: String) throws {
        let reader = try ImportFormat.reader(of: path, as: options.format, now: options.now)
        let file = places.add(path, unit: reader.unit)
        try reader.forEachRecord { number, read in
            try Task.checkCancellation()
            let position = ReadPosition(file: file, number: number)
            switch read {
            case .record(let line, let timeToLive):
                digest(line, timeToLive)
                try sorter.append(line.key, line.text, at: position)
            case .absent: absentCount += 1
            case .fault(let reason):
                faultCount += 1
                if faults.count < options.faultsMaximum { faults.append("\(places.text(position)): \(reason)") }
            }
        }
    }
}
