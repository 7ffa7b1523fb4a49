import CSQLite

/// The row at which a statement stands, lent to a closure.
///
/// Columns count from 0. Text and bytes that are asked of a number are its decimal text; the number of a text is what it
/// begins with, or 0: ask ``type(_:)`` where a database is not one's own.
package struct Row: ~Copyable {
    private let statement: OpaquePointer

    init(of statement: OpaquePointer) { self.statement = statement }

    /// What a column holds.
    package func type(_ column: Int32) -> SQLiteType {
        switch sqlite3_column_type(statement, column) {
        case SQLITE_INTEGER: .integer
        case SQLITE_FLOAT: .real
        case SQLITE_TEXT: .text
        case SQLITE_BLOB: .blob
        default: .null
        }
    }

    /// Whether a column holds nothing.
    package func isNull(_ column: Int32) -> Bool { sqlite3_column_type(statement, column) == SQLITE_NULL }

    /// A number; 0 for NULL.
    package func integer(_ column: Int32) -> Int64 { sqlite3_column_int64(statement, column) }
    /// A number; `nil` for NULL.
    package func integerOrNil(_ column: Int32) -> Int64? { isNull(column) ? nil : integer(column) }

    /// A text; the empty one for NULL.
    ///
    /// What is not Unicode is replaced.
    package func text(_ column: Int32) -> String {
        // In this order: the first call settles the encoding whose bytes the second counts.
        guard let start = sqlite3_column_text(statement, column) else { return "" }
        let count = Int(sqlite3_column_bytes(statement, column))
        return String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
    }

    /// A text; `nil` for NULL.
    package func textOrNil(_ column: Int32) -> String? { isNull(column) ? nil : text(column) }

    /// The bytes of a blob, or of a text in the encoding of the database; none for NULL.
    package func bytes(_ column: Int32) -> [UInt8] {
        guard let start = sqlite3_column_blob(statement, column) else { return [] }
        let count = Int(sqlite3_column_bytes(statement, column))
        return Array(UnsafeRawBufferPointer(start: start, count: count))
    }

    /// The bytes of a blob or text; `nil` for NULL.
    package func bytesOrNil(_ column: Int32) -> [UInt8]? { isNull(column) ? nil : bytes(column) }
}
