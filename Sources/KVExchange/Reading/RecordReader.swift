import JSONText
import KVTransfer

/// Reads records of one format, in the order in which they stand.
protocol RecordReader {
    /// What positions count: `line`, `pair`, `row`.
    var unit: String { get }

    /// Walks all records.
    ///
    /// - Parameter body: Told each record, or what is wrong with it, and its number from 1 on.
    /// - Throws: What the body throws; ``ExchangeError`` and `VaultError` when the input cannot be read as a whole.
    func forEachRecord(_ body: (Int, ReadRecord) throws -> Void) throws
}

/// What stands in a record's place.
enum ReadRecord {
    /// A record; with the seconds it lives from now on, where those were given in the place of an expiration.
    case record(RecordLine, timeToLive: Int64? = nil)
    /// A key of a bulk read that had no value.
    case absent
    /// Something that is no record, with the reason.
    case fault(String)

    /// A record, or why there is none.
    init(_ body: () throws -> RecordLine) rethrows { try self.init(pair: { (try body(), nil) }) }

    /// A record with the time to live it may have, or why there is none.
    init(pair body: () throws -> (line: RecordLine, timeToLive: Int64?)) rethrows {
        do {
            let pair = try body()
            self = .record(pair.line, timeToLive: pair.timeToLive)
        } catch let error as RecordFault {
            self = .fault(error.description)
        } catch let error as JSONError {
            self = .fault(error.description)
        }
    }
}

/// Why something is not a record.
struct RecordFault: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

extension RecordLine {
    /// A record that came from outside, checked against the limits of KV.
    init(checking record: KVRecord) throws(RecordFault) {
        if let problem = record.key.problem { throw RecordFault(problem.description) }
        guard record.value.count <= KVLimits.valueBytes else {
            throw RecordFault("the value of \(record.key) has \(record.value.count) bytes; 25 MiB is the most")
        }
        if let metadata = record.metadata, metadata.isTooLong {
            throw RecordFault(
                "the metadata of \(record.key) has \(metadata.json.count) bytes; \(KVLimits.metadataBytes) is the most")
        }
        if let expiration = record.expiration, expiration.seconds <= 0 {
            throw RecordFault("the expiration of \(record.key) is not a positive number of seconds")
        }
        self.init(record)
    }
}
