import Foundation
import GRDB
import KVTransfer

/// The table `records` of a database, in the order of its rows.
struct SQLiteReader: RecordReader {
    let path: String
    let unit = "row"

    /// The casts give the exact bytes of texts with a NUL; what is too long is not taken into memory.
    private static let query = """
        SELECT CASE WHEN length(CAST(key AS BLOB)) <= 65536 THEN CAST(key AS BLOB) END AS key,
            CASE WHEN length(CAST(value AS BLOB)) <= \(KVLimits.valueBytes) THEN CAST(value AS BLOB) END AS value,
            CASE WHEN length(CAST(metadata AS BLOB)) <= 65536 THEN CAST(metadata AS BLOB) ELSE metadata IS NOT NULL END AS metadata,
            expiration
        FROM records ORDER BY rowid
        """

    func forEachRecord(_ body: (Int, ReadRecord) throws -> Void) throws {
        try SQLiteFailure.named(path) {
            var configuration = Configuration()
            configuration.readonly = true
            configuration.prepareDatabase { try $0.execute(sql: "PRAGMA trusted_schema = OFF") }
            let database = try DatabaseQueue(path: path, configuration: configuration)
            try database.read { db in
                guard try String.fetchOne(db, sql: "PRAGMA encoding") == "UTF-8" else {
                    throw ExchangeError(.database, "\(path): the texts of the database are not UTF-8")
                }
                let rows = try Row.fetchCursor(db, sql: Self.query)
                var number = 0
                while let row = try rows.next() {
                    number += 1
                    try body(number, ReadRecord { try Self.record(row) })
                }
            }
        }
    }

    private static func record(_ row: Row) throws -> RecordLine {
        guard let bytes = data(row, "key"), let key = KVKey(utf8: Array(bytes)) else {
            throw RecordFault("the key is missing, too long, or not UTF-8")
        }
        guard let value = data(row, "value") else { throw RecordFault("the value of \(key) is missing or too long") }
        var metadata: KVMetadata?
        if let text = data(row, "metadata") {
            metadata = try KVMetadata(json: Array(text))
        } else if row["metadata"] as Int64? == 1 {
            throw RecordFault("the metadata of \(key) is too long")
        }
        return try RecordLine(
            checking: KVRecord(
                key: key, value: Array(value), metadata: metadata, expiration: try expiration(row, of: key)))
    }

    private static func data(_ row: Row, _ column: String) -> Data? {
        guard case .blob(let data)? = (row[column] as DatabaseValue?)?.storage else { return nil }
        return data
    }

    private static func expiration(_ row: Row, of key: KVKey) throws(RecordFault) -> UnixTime? {
        switch (row["expiration"] as DatabaseValue?)?.storage {
        case .int64(let seconds)?: return UnixTime(seconds: seconds)
        case .null?, nil: return nil
        default: throw RecordFault("the expiration of \(key) is not a whole number of seconds")
        }
    }
}
