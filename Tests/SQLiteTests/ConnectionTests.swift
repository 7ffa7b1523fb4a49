import CSQLite
import Foundation
import SQLite
import Testing

@Suite struct ConnectionTests {
    @Test func `every path is a plain one`() async throws {
        try await withTemporaryFolder { folder async throws in
            await #expect(processExitsWith: .success) { [folder = folder as String] in
                try #require(chdir(folder) == 0)
                let paths = [
                    "plain", "file:uri", "file:ro?mode=ro", ":memory:", "file::memory:", "/\(folder)/absolute",
                ]
                for path in paths {
                    let db = try Connection(.file(path))
                    try db.execute("CREATE TABLE t (a)")
                    try db.close()
                }
                let error = #expect(throws: SQLiteError.self) { try Connection(.file("")) }
                #expect(error?.primaryCode == SQLITE_CANTOPEN)
            }
            let expected = [":memory:", "absolute", "file::memory:", "file:ro?mode=ro", "file:uri", "plain"]
            #expect(try names(in: folder) == expected)
        }
    }

    @Test func `a path is not cut at a NUL`() async throws {
        try await withTemporaryFolder { folder async throws in
            let error = #expect(throws: SQLiteError.self) { try Connection(.file("\(folder)/a\0b")) }
            #expect(error?.primaryCode == SQLITE_CANTOPEN)
            #expect(try names(in: folder).isEmpty)
        }
    }

    @Test func `what is to be read must be there, and stays as it is`() async throws {
        try await withTemporaryFolder { folder async throws in
            let path = "\(folder)/db"
            let missing = #expect(throws: SQLiteError.self) { try Connection(.file(path), .readOnly) }
            #expect(missing?.primaryCode == SQLITE_CANTOPEN)
            #expect(try names(in: folder).isEmpty)
            try Connection(.file(path)).execute("CREATE TABLE t (a)")
            let reader = try Connection(.file(path), .readOnly)
            let error = #expect(throws: SQLiteError.self) { try reader.execute("DELETE FROM t") }
            #expect(error?.primaryCode == SQLITE_READONLY)
            #expect(error?.statement == "DELETE FROM t")
        }
    }

    @Test func `a file that is no database is refused by the first statement`() async throws {
        try await withTemporaryFolder { folder async throws in
            let path = "\(folder)/text"
            try Data("no database, for certain, however long one looks at it".utf8).write(to: URL(filePath: path))
            for access in [Connection.Access.readOnly, .readWrite] {
                let db = try Connection(.file(path), access)
                let error = #expect(throws: SQLiteError.self) { try db.prepare("SELECT * FROM records") }
                #expect(error?.code == SQLITE_NOTADB)
                #expect(error?.statement == "SELECT * FROM records")
            }
            let error = #expect(throws: SQLiteError.self) { try Database(.file(path)) }
            #expect(error?.code == SQLITE_NOTADB)
            #expect(try Data(contentsOf: URL(filePath: path)).count == 54)
        }
    }

    @Test func `what the schema of a file does is not trusted`() async throws {
        try await withTemporaryFolder { folder async throws in
            let path = "\(folder)/db"
            // Of the tables that modules make up, a view may use only those that are declared harmless.
            let sql = "CREATE TABLE t (a); CREATE VIEW records AS SELECT * FROM pragma_table_info('t')"
            try Connection(.file(path)).execute(sql)
            for access in [Connection.Access.readOnly, .readWrite] {
                let db = try Connection(.file(path), access)
                let error = #expect(throws: SQLiteError.self) { try db.prepare("SELECT * FROM records") }
                #expect(error?.message.contains("unsafe use of") == true, "\(String(describing: error))")
                #expect(try db.prepare("PRAGMA trusted_schema").first { $0.integer(0) } == 0)
            }
        }
    }

    @Test func `a journal mode that is not taken is an error`() async throws {
        let error = #expect(throws: SQLiteError.self) { try Connection(.memory).setJournalMode(.wal) }
        #expect(error?.message == "the journal mode stays memory")
        #expect(error?.statement == "PRAGMA journal_mode = wal")
        try await withTemporaryFolder { folder async throws in
            let db = try Connection(.file("\(folder)/db"))
            for mode in [Connection.JournalMode.off, .wal] {
                try db.setJournalMode(mode)
                #expect(try db.prepare("PRAGMA journal_mode").first { $0.text(0) } == mode.rawValue)
            }
        }
    }

    @Test func `a connection that is closed says so`() throws {
        let db = try Connection(.memory)
        try db.execute("CREATE TABLE t (a)")
        try db.close()
        let calls: [() throws -> Void] = [
            { try db.execute("SELECT 1") }, { _ = try db.statement("SELECT 1") }, { _ = try db.prepare("SELECT 1") },
            { try db.transaction(.deferred) {} }, { try db.close() },
        ]
        for call in calls {
            let error = #expect(throws: SQLiteError.self) { try call() }
            #expect(error?.message == "the connection is closed")
        }
        #expect(db.changedRows == 0)
    }

    @Test func `a statement that somebody still has keeps a connection from closing, and works`() async throws {
        try await withTemporaryFolder { folder async throws in
            let db = try Connection(.file("\(folder)/db"))
            let statement = try db.statement("SELECT 7")
            let error = #expect(throws: SQLiteError.self) { try db.close() }
            #expect(error?.primaryCode == SQLITE_BUSY)
            #expect(try statement.first { $0.integer(0) } == 7)
            #expect(throws: SQLiteError.self) { try db.execute("SELECT 1") }
        }
    }

    @Test func `a transaction is undone if its body or its commit fails`() throws {
        struct Stop: Error {}
        let db = try Connection(.memory)
        try db.execute(
            """
            PRAGMA foreign_keys = ON;
            CREATE TABLE t (a INTEGER PRIMARY KEY);
            CREATE TABLE u (a REFERENCES t DEFERRABLE INITIALLY DEFERRED)
            """)
        #expect(throws: Stop.self) {
            try db.transaction(.immediate) {
                try db.execute("INSERT INTO t VALUES (1)")
                throw Stop()
            }
        }
        let commit = #expect(throws: SQLiteError.self) {
            try db.transaction(.immediate) { try db.execute("INSERT INTO u VALUES (1)") }
        }
        #expect(commit?.statement == "COMMIT")
        let count = "SELECT (SELECT count(*) FROM t) + (SELECT count(*) FROM u)"
        #expect(try db.statement(count).first { $0.integer(0) } == 0)
        let nested = #expect(throws: SQLiteError.self) {
            try db.transaction(.deferred) { try db.transaction(.deferred) {} }
        }
        #expect(nested?.statement == "BEGIN")
        #expect(try db.transaction(.immediate) { 5 } == 5)
    }
}
