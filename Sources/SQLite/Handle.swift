import CSQLite
import Glibc

/// SQLite's own connection, which ends with the last of those who use it.
final class Handle {
    /// The connection; `nil` once it is closed.
    private(set) var raw: OpaquePointer?

    /// Opens a file by its absolute path, or makes a database in memory.
    init(_ place: Connection.Place, _ access: Connection.Access) throws(SQLiteError) {
        var flags = SQLITE_OPEN_EXRESCODE
        // Whoever has a connection has it alone, so that SQLite needs no lock of its own.
        flags |= SQLITE_OPEN_NOMUTEX
        flags |= access == .readOnly ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
        let code = sqlite3_open_v2(try Self.name(of: place), &raw, flags, nil)
        // A connection that failed to open is closed by `deinit`.
        guard code == SQLITE_OK else { throw SQLiteError(code, of: raw) }
        // SQLite opens a file that may not be written for reading instead, and would say so only later.
        guard access == .readOnly || sqlite3_db_readonly(raw, "main") != 1 else {
            throw SQLiteError(code: SQLITE_READONLY, message: String(cString: sqlite3_errstr(SQLITE_READONLY)))
        }
    }

    deinit { sqlite3_close_v2(raw) }

    /// Closes the connection, unless statements are left, with which it ends then.
    func close() throws(SQLiteError) {
        let code = sqlite3_close(raw)
        guard code == SQLITE_OK else { throw SQLiteError(code, of: raw) }
        raw = nil
    }

    /// What SQLite calls a place.
    ///
    /// It takes `file:…` for a URI, `:memory:` and the empty name for databases without a file; an absolute path is never
    /// one of these.
    private static func name(of place: Connection.Place) throws(SQLiteError) -> String {
        guard case .file(let path) = place else { return ":memory:" }
        guard !path.utf8.contains(0) else {
            throw SQLiteError(code: SQLITE_CANTOPEN, message: "the name of a file holds no NUL")
        }
        if path.utf8.first == UInt8(ascii: "/") { return path }
        guard let folder = getcwd(nil, 0) else {
            throw SQLiteError(code: SQLITE_CANTOPEN, message: "the working folder is gone")
        }
        defer { free(folder) }
        return "\(String(cString: folder))/\(path)"
    }
}
