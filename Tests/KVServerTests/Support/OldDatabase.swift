import Foundation

/// A database as the first releases wrote it, made by Python's `sqlite3` from the text of one of theirs.
enum OldDatabase {
    /// The schema and the rows; the records of the second namespace are left for the next sweep.
    private static let sql = """
        CREATE TABLE namespace (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            id TEXT NOT NULL UNIQUE,
            title TEXT NOT NULL UNIQUE,
            jurisdiction TEXT
        );
        INSERT INTO namespace VALUES (1, 'b841db2e9a2c37b1879314e6824e167c', 'sessions', NULL);
        INSERT INTO namespace VALUES (3, 'c6cc860e14684cae9bd03678b88b59af', 'eu', 'eu');
        CREATE TABLE record (
            number INTEGER PRIMARY KEY,
            namespace INTEGER NOT NULL,
            expiration INTEGER,
            key BLOB NOT NULL,
            metadata BLOB,
            value BLOB NOT NULL
        );
        INSERT INTO record VALUES (1, 1, 4102444800, X'00', X'3165343030', X'ff');
        INSERT INTO record VALUES (2, 1, NULL, X'656d707479', NULL, X'');
        INSERT INTO record VALUES (3, 1, NULL, X'c3a9', X'7b2261223a312e307d', X'74657874');
        INSERT INTO record VALUES (4, 2, NULL, X'61', NULL, X'31');
        INSERT INTO record VALUES (5, 2, NULL, X'62', NULL, X'32');
        CREATE TABLE deleted_namespace (number INTEGER PRIMARY KEY);
        INSERT INTO deleted_namespace VALUES (2);
        UPDATE sqlite_sequence SET seq = 3;
        CREATE UNIQUE INDEX record_key ON record (namespace, key);
        CREATE INDEX record_expiration ON record (expiration) WHERE expiration IS NOT NULL;
        """

    /// Makes the database.
    ///
    /// - Parameters:
    ///   - path: Its file.
    ///   - isKilled: Whether the server was killed, so that all stands in the log beside the file.
    /// - Throws: What keeps Python from being started.
    static func make(at path: String, isKilled: Bool) throws {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        let script = """
            import os, sqlite3, sys
            db = sqlite3.connect(sys.argv[1], isolation_level=None)
            db.execute("PRAGMA journal_mode = WAL")
            db.executescript(sys.argv[2])
            \(isKilled ? "os._exit(0)" : "db.close()")
            """
        process.arguments = ["python3", "-X", "utf8", "-c", script, path, sql]
        try process.run()
        process.waitUntilExit()
    }
}
