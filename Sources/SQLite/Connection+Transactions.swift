import CSQLite

extension Connection {
    /// When a transaction takes the lock that it needs.
    package enum TransactionKind: String, Sendable {
        /// With the first statement, as far as that needs one.
        case deferred = "BEGIN"
        /// At once, for writing.
        case immediate = "BEGIN IMMEDIATE"
    }

    /// Runs a closure in a transaction, which is undone if the closure or the commit fails.
    ///
    /// - Throws: What the closure throws; a ``SQLiteError``.
    package func transaction<Result>(_ kind: TransactionKind, _ body: () throws -> Result) throws -> Result {
        try statement(kind.rawValue).run()
        do {
            let result = try body()
            try statement("COMMIT").run()
            return result
        } catch {
            // SQLite has ended some transactions by itself, as when the disk was full. The first error is the one to tell.
            if isInTransaction { try? statement("ROLLBACK").run() }
            throw error
        }
    }

    /// How a database keeps what it needs to undo a transaction, or to redo it.
    package enum JournalMode: String, Sendable {
        /// A log beside the file, with which readers and a writer do not wait for each other.
        case wal
        /// Not at all: a write that is cut off leaves a database that is of no use.
        case off
    }

    /// Sets the journal mode.
    ///
    /// - Throws: A ``SQLiteError``, also if the database stays in another mode, which SQLite tells in a row.
    package func setJournalMode(_ mode: JournalMode) throws {
        let sql = "PRAGMA journal_mode = \(mode.rawValue)"
        let actual = try prepare(sql).first { $0.text(0) }
        guard actual == mode.rawValue else {
            throw SQLiteError(
                code: SQLITE_ERROR, message: "the journal mode stays \(actual ?? "unknown")", statement: sql)
        }
    }

    /// Moves all that stands in the log of the WAL mode into the database's file, and leaves the log empty.
    ///
    /// - Throws: A ``SQLiteError``, also if another program kept some of it from being moved, which SQLite tells in a row.
    func emptyLog() throws {
        let isIncomplete = try prepare("PRAGMA wal_checkpoint(TRUNCATE)").first { $0.integer(0) != 0 }
        guard isIncomplete == false else {
            throw SQLiteError(code: SQLITE_BUSY, message: "another program reads it")
        }
    }
}
