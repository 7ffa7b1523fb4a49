import CSQLite

/// What SQLite says about a call that failed.
package struct SQLiteError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The extended result code, such as `SQLITE_IOERR_FSYNC`.
    package var code: Int32
    /// What went wrong, for people.
    package var message: String
    /// The statement, without its values, if there was one.
    package var statement: String?

    package init(code: Int32, message: String, statement: String? = nil) {
        self.code = code
        self.message = message
        self.statement = statement
    }

    /// What a connection says about the call that has just failed.
    init(_ code: Int32, of connection: OpaquePointer?, statement: String? = nil) {
        self.code = code
        self.statement = statement
        // Without memory there is no connection to ask.
        message = String(cString: connection.map { sqlite3_errmsg($0) } ?? sqlite3_errstr(code))
    }

    /// The code without its details, such as `SQLITE_IOERR`.
    package var primaryCode: Int32 { code & 0xFF }

    /// Whether a file could not be read because of its folder: a log in WAL mode needs a file that readers share.
    package var needsWritableFolder: Bool { code == Self.readOnlyFolder }

    /// `SQLITE_READONLY_DIRECTORY`, which is no plain number in the header.
    private static let readOnlyFolder = SQLITE_READONLY | 6 << 8

    /// The code, the message and the statement.
    package var description: String {
        let place = statement.map { " - while executing `\($0)`" } ?? ""
        return "SQLite error \(code): \(message)\(place)"
    }
}
