package import KVModel
import SQLite

/// The namespaces and records of a server, in one SQLite database.
///
/// A record is visible while its expiration lies ahead; what has expired is removed by ``sweep()`` now and then. What a
/// write has returned from is on the disk: the database runs in WAL mode with `synchronous=FULL`.
package struct RecordStore: Sendable {
    /// The namespace does not exist (any more).
    package struct NamespaceMissing: Error {}

    let database: Database
    let now: @Sendable () -> UnixTime

    /// Opens or makes the database.
    ///
    /// - Parameters:
    ///   - path: The file; `nil` keeps everything in memory.
    ///   - now: The clock that decides what has expired.
    ///   - busyMilliseconds: How long to wait for the lock of another program; no other server has one.
    /// - Throws: A `SQLiteError`.
    package init(
        path: String?, now: @escaping @Sendable () -> UnixTime, busyMilliseconds: Int32 = 30_000
    ) throws {
        self.now = now
        database = try Database(path.map { .file($0) } ?? .memory, busyMilliseconds: busyMilliseconds) { db in
            try db.transaction(.immediate) { try Self.makeTables(db) }
        }
    }

    /// Closes the database, all of which is then in its one file, so that a copy of that is a copy of everything.
    ///
    /// - Throws: A `SQLiteError`; the database is closed even so, and nothing is lost: what was not moved is in the file
    ///   beside it.
    package func close() async throws { try await database.close() }

    /// The value column stands last, so that a list reads neither it nor the pages it overflows to.
    private static func makeTables(_ db: Connection) throws {
        try db.execute(
            """
            CREATE TABLE IF NOT EXISTS namespace (
                number INTEGER PRIMARY KEY AUTOINCREMENT,
                id TEXT NOT NULL UNIQUE,
                title TEXT NOT NULL UNIQUE,
                jurisdiction TEXT
            );
            CREATE TABLE IF NOT EXISTS record (
                number INTEGER PRIMARY KEY,
                namespace INTEGER NOT NULL,
                expiration INTEGER,
                key BLOB NOT NULL,
                metadata BLOB,
                value BLOB NOT NULL
            );
            CREATE UNIQUE INDEX IF NOT EXISTS record_key ON record (namespace, key);
            CREATE INDEX IF NOT EXISTS record_expiration ON record (expiration) WHERE expiration IS NOT NULL;
            CREATE TABLE IF NOT EXISTS deleted_namespace (number INTEGER PRIMARY KEY);
            """)
    }

    /// The row number of a namespace.
    static func number(of namespace: String, _ db: Connection) throws -> Int64 {
        let statement = try db.statement("SELECT number FROM namespace WHERE id = ?")
        guard let number = try statement.first([.text(namespace)], { $0.integer(0) }) else { throw NamespaceMissing() }
        return number
    }
}

// MARK: - Sweeping

extension RecordStore {
    /// Removes records that have expired and those of deleted namespaces, a few thousand in a transaction.
    ///
    /// - Returns: How many records were removed.
    @discardableResult
    package func sweep() async throws -> Int {
        var removed = 0
        while true {
            try Task.checkCancellation()
            let moment = now().seconds
            let count = try await database.write { try Self.sweepSome($0, now: moment) }
            if count == 0 { return removed }
            removed += count
        }
    }

    private static let sweepRows = 5_000

    private static func sweepSome(_ db: Connection, now: Int64) throws -> Int {
        let expired = try db.statement(
            """
            DELETE FROM record WHERE number IN (SELECT number FROM record WHERE expiration <= ? LIMIT \(sweepRows))
            """)
        try expired.run([.integer(now)])
        if db.changedRows > 0 { return db.changedRows }
        let deleted = try db.statement("SELECT number FROM deleted_namespace LIMIT 1")
        guard let number = try deleted.first([], { $0.integer(0) }) else { return 0 }
        let left = try db.statement(
            """
            DELETE FROM record WHERE number IN (SELECT number FROM record WHERE namespace = ? LIMIT \(sweepRows))
            """)
        try left.run([.integer(number)])
        let count = db.changedRows
        if count == 0 { try db.statement("DELETE FROM deleted_namespace WHERE number = ?").run([.integer(number)]) }
        // A namespace that is gone counts as work done, so that the next one is looked at.
        return max(1, count)
    }
}
