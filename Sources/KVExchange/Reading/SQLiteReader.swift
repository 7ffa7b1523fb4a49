import KVTransfer
import SQLite

/// The table `records` of a database, in the order of its rows.
struct SQLiteReader: RecordReader {
    let path: String
    let unit = "row"

    /// Key, value, metadata and expiration.
    ///
    /// The casts give the exact bytes of texts with a NUL; what is too long is not taken into memory.
    private static let query = """
        SELECT CASE WHEN length(CAST(key AS BLOB)) <= 65536 THEN CAST(key AS BLOB) END,
            CASE WHEN length(CAST(value AS BLOB)) <= \(KVLimits.valueBytes) THEN CAST(value AS BLOB) END,
            CASE WHEN length(CAST(metadata AS BLOB)) <= 65536 THEN CAST(metadata AS BLOB) ELSE metadata IS NOT NULL END,
            expiration
        FROM records ORDER BY rowid
        """

    func forEachRecord(_ body: (Int, ReadRecord) throws -> Void) throws {
        try SQLiteFailure.named(path) {
            let database = try Connection(.file(path), .readOnly)
            // One state of the database, whoever writes to it meanwhile.
            try database.transaction(.deferred) {
                guard try database.prepare("PRAGMA encoding").first([], { $0.text(0) }) == "UTF-8" else {
                    throw ExchangeError(.database, "\(path): the texts of the database are not UTF-8")
                }
                var number = 0
                try database.prepare(Self.query).rows { row in
                    number += 1
                    try body(number, ReadRecord { try Self.record(row) })
                    return true
                }
            }
        }
    }

    private static func record(_ row: borrowing Row) throws -> RecordLine {
        guard let bytes = blob(row, 0), let key = KVKey(utf8: bytes) else {
            throw RecordFault("the key is missing, too long, or not UTF-8")
        }
        guard let value = blob(row, 1) else { throw RecordFault("the value of \(key) is missing or too long") }
        var metadata: KVMetadata?
        if let text = blob(row, 2) {
            metadata = try KVMetadata(json: text)
        } else if row.integerOrNil(2) == 1 {
            throw RecordFault("the metadata of \(key) is too long")
        }
        return try RecordLine(
            checking: KVRecord(key: key, value: value, metadata: metadata, expiration: try expiration(row, of: key)))
    }

    private static func blob(_ row: borrowing Row, _ column: Int32) -> [UInt8]? {
        row.type(column) == .blob ? row.bytes(column) : nil
    }

    private static func expiration(_ row: borrowing Row, of key: KVKey) throws(RecordFault) -> UnixTime? {
        switch row.type(3) {
        case .integer: return UnixTime(seconds: row.integer(3))
        case .null: return nil
        default: throw RecordFault("the expiration of \(key) is not a whole number of seconds")
        }
    }
}
