import CSQLite

/// A connection to a database, with the statements that it keeps; used by one piece of work at a time.
///
/// What a schema says is not trusted, so that a file from elsewhere makes nothing happen but what SQLite's own harmless
/// functions do.
package final class Connection {
    /// Where a database is.
    package enum Place: Hashable, Sendable {
        /// In a file. Any path is a plain one, also an empty one and one that begins with `file:`.
        case file(String)
        /// In memory, for this connection alone.
        case memory
    }

    /// What is done with a database.
    package enum Access: Hashable, Sendable {
        /// It is read and written, and made if it is not there.
        case readWrite
        /// It is read; a file that is not there is an error.
        case readOnly
    }

    private var handle: Handle?
    private var statements: [String: Statement] = [:]

    /// Opens a database; what a file holds is looked at by the first statement only.
    ///
    /// - Parameters:
    ///   - place: Where it is.
    ///   - access: What is done with it.
    ///   - busyMilliseconds: How long a statement waits for another program's lock.
    /// - Throws: A ``SQLiteError``.
    package init(
        _ place: Place, _ access: Access = .readWrite, busyMilliseconds: Int32 = 30_000
    ) throws(SQLiteError) {
        let handle = try Handle(place, access)
        self.handle = handle
        sqlite3_busy_timeout(handle.raw, busyMilliseconds)
        try execute("PRAGMA trusted_schema = OFF")
    }

    /// Closes the connection, which cannot be used afterwards even if this fails.
    ///
    /// - Throws: A ``SQLiteError`` if somebody still has a statement; the connection ends with that.
    package func close() throws(SQLiteError) {
        let open = try open
        handle = nil
        statements = [:]
        try open.close()
    }

    /// Runs statements without values, one after the other.
    ///
    /// - Throws: A ``SQLiteError`` that has all of them as its statement.
    package func execute(_ sql: String) throws(SQLiteError) {
        let raw = try open.raw
        let code = sqlite3_exec(raw, sql, nil, nil, nil)
        guard code == SQLITE_OK else { throw SQLiteError(code, of: raw, statement: sql) }
    }

    /// A statement that is prepared once and kept until the connection is closed.
    package func statement(_ sql: String) throws(SQLiteError) -> Statement {
        if let statement = statements[sql] { return statement }
        let statement = try Statement(sql, open, isKept: true)
        statements[sql] = statement
        return statement
    }

    /// A statement for one use.
    package func prepare(_ sql: String) throws(SQLiteError) -> Statement {
        try Statement(sql, open, isKept: false)
    }

    /// How many rows the last statement that changed any has changed.
    package var changedRows: Int { handle.map { Int(sqlite3_changes64($0.raw)) } ?? 0 }

    /// Whether a transaction is under way.
    var isInTransaction: Bool { handle.map { sqlite3_get_autocommit($0.raw) == 0 } ?? false }

    private var open: Handle {
        get throws(SQLiteError) {
            guard let handle else { throw SQLiteError(code: SQLITE_MISUSE, message: "the connection is closed") }
            return handle
        }
    }
}
