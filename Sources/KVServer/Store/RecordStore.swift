import Foundation
import GRDB
import KVModel

/// The namespaces and records of a server, in one SQLite database.
///
/// A record is visible while its expiration lies ahead; what has expired is removed by ``sweep()`` now and then. What a
/// write has returned from is on the disk: the database runs in WAL mode with `synchronous=FULL`.
struct RecordStore: Sendable {
    /// The namespace does not exist (any more).
    struct NamespaceMissing: Error {}

    let database: any DatabaseWriter
    let now: @Sendable () -> UnixTime

    /// Opens or makes the database.
    ///
    /// - Parameters:
    ///   - path: The file; `nil` keeps everything in memory.
    ///   - now: The clock that decides what has expired.
    /// - Throws: A `DatabaseError`.
    init(path: String?, now: @escaping @Sendable () -> UnixTime) throws {
        var configuration = Configuration()
        configuration.label = "kvark.server"
        // One process has the folder to itself; a lock can only be its own, and short.
        configuration.busyMode = .timeout(30)
        if let path {
            database = try DatabasePool(path: path, configuration: configuration)
        } else {
            database = try DatabaseQueue(configuration: configuration)
        }
        self.now = now
        // The library relaxes this when it turns on WAL; "acknowledged" shall mean durable.
        try database.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = FULL") }
        try database.write { try Self.makeTables($0) }
    }

    /// Closes the database; nothing else may be running.
    ///
    /// All is moved into the one file first, so that a copy of it is a copy of everything.
    ///
    /// - Throws: A `DatabaseError`; the database is closed all the same, and nothing is lost: what was not moved is in the
    ///   file beside it.
    func close() throws {
        let moving = Result { try moveAllIntoOneFile() }
        try database.close()
        try moving.get()
    }

    private func moveAllIntoOneFile() throws {
        guard database is DatabasePool else { return }
        // The cancellation of a task that is between two statements interrupts whatever comes next, as of a sweep that the
        // stop breaks off: a statement begins anew, but the call that SQLite has for this would fail.
        let isIncomplete = try database.writeWithoutTransaction { db in
            try Bool.fetchOne(db, sql: "PRAGMA wal_checkpoint(TRUNCATE)")
        }
        if isIncomplete != false { throw DatabaseError(resultCode: .SQLITE_BUSY, message: "another program reads it") }
    }

    /// The value column stands last, so that a list reads neither it nor the pages it overflows to.
    private static func makeTables(_ db: Database) throws {
        try db.execute(
            sql: """
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
    static func number(of namespace: String, _ db: Database) throws -> Int64 {
        let statement = try db.cachedStatement(sql: "SELECT number FROM namespace WHERE id = ?")
        guard let number = try Int64.fetchOne(statement, arguments: [namespace]) else { throw NamespaceMissing() }
        return number
    }
}

// MARK: - Sweeping

extension RecordStore {
    /// Removes records that have expired and those of deleted namespaces, a few thousand in a transaction.
    ///
    /// - Returns: How many records were removed.
    @discardableResult
    func sweep() async throws -> Int {
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

    private static func sweepSome(_ db: Database, now: Int64) throws -> Int {
        try db.execute(
            sql: """
                DELETE FROM record WHERE number IN (SELECT number FROM record WHERE expiration <= ? LIMIT \(sweepRows))
                """, arguments: [now])
        if db.changesCount > 0 { return db.changesCount }
        guard let number = try Int64.fetchOne(db, sql: "SELECT number FROM deleted_namespace LIMIT 1") else { return 0 }
        try db.execute(
            sql: """
                DELETE FROM record WHERE number IN (SELECT number FROM record WHERE namespace = ? LIMIT \(sweepRows))
                """, arguments: [number])
        let count = db.changesCount
        if count == 0 { try db.execute(sql: "DELETE FROM deleted_namespace WHERE number = ?", arguments: [number]) }
        // A namespace that is gone counts as work done, so that the next one is looked at.
        return max(1, count)
    }
}
