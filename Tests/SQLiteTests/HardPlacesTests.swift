import CSQLite
import Foundation
import SQLite
import Testing

/// Files of others, folders without rights, and disks that are full.
@Suite struct HardPlacesTests {
    @Test func `a file in WAL mode is read while another program writes it`() async throws {
        try await withTemporaryFolder { folder async throws in
            let path = "\(folder)/db"
            let other = try OtherProgram(
                on: path,
                """
                db.execute("PRAGMA journal_mode = WAL")
                db.execute("CREATE TABLE t (a)")
                db.execute("INSERT INTO t VALUES (1)")
                db.execute("BEGIN IMMEDIATE")
                db.execute("INSERT INTO t VALUES (2)")
                ready()
                """)
            let size = try Data(contentsOf: URL(filePath: path)).count
            let reader = try Connection(.file(path), .readOnly)
            #expect(try DatabaseTests.count(reader) == 1)
            try reader.close()
            // What the other has in its log is not ours to move.
            #expect(try Data(contentsOf: URL(filePath: path)).count == size)
            try other.end()
        }
    }

    @Test func `rows that a program left in its log are read`() async throws {
        try await withTemporaryFolder { folder async throws in
            let path = "\(folder)/db"
            try OtherProgram(
                on: path,
                """
                db.execute("PRAGMA journal_mode = WAL")
                db.execute("CREATE TABLE t (a)")
                db.execute("INSERT INTO t VALUES (1)")
                ready()
                os._exit(0)
                """
            ).end()
            #expect(try names(in: folder).contains("db-wal"))
            #expect(try DatabaseTests.count(Connection(.file(path), .readOnly)) == 1)
        }
    }

    @Test func `a folder that cannot be written is told from a file that is not there`() async throws {
        try await withTemporaryFolder { folder async throws in
            try DatabaseTests.makeWAL("\(folder)/wal")
            try Connection(.file("\(folder)/plain")).execute("CREATE TABLE t (a)")
            try FileManager.default.setAttributes([.posixPermissions: 0o555], ofItemAtPath: folder)
            await #expect(processExitsWith: .success) { [folder = folder as String] in
                try #require(getuid() != 0 || setuid(65_534) == 0)
                #expect(try DatabaseTests.count(Connection(.file("\(folder)/plain"), .readOnly)) == 0)
                let reading = #expect(throws: SQLiteError.self) {
                    try DatabaseTests.count(Connection(.file("\(folder)/wal"), .readOnly))
                }
                #expect(reading?.needsWritableFolder == true)
                let making = #expect(throws: SQLiteError.self) { try Database(.file("\(folder)/new")) }
                #expect(making?.primaryCode == SQLITE_CANTOPEN && making?.needsWritableFolder == false)
                // SQLite itself would open it for reading, and fail later.
                let writing = #expect(throws: SQLiteError.self) { try Connection(.file("\(folder)/plain")) }
                #expect(writing?.primaryCode == SQLITE_READONLY)
            }
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder)
        }
    }

    @Test func `a full database undoes the write that found it full, and goes on`() async throws {
        try await withTemporaryFolder { folder async throws in
            let database = try DatabaseTests.database(in: folder)
            try await database.write { db in
                try db.execute("INSERT INTO t VALUES (1)")
                try db.execute("PRAGMA max_page_count = 10")
            }
            let error = await #expect(throws: SQLiteError.self) {
                try await database.write { db in
                    try db.execute("INSERT INTO t VALUES (2)")
                    try db.statement("INSERT INTO t VALUES (zeroblob(?))").run([.integer(1 << 20)])
                }
            }
            #expect(error?.code == SQLITE_FULL)
            #expect(error?.statement == "INSERT INTO t VALUES (zeroblob(?))")
            try await database.write { try $0.execute("INSERT INTO t VALUES (3)") }
            #expect(try await database.read { try DatabaseTests.count($0) } == 2)
            try await database.close()
            #expect(try names(in: folder) == ["db"])
        }
    }

    @Test func `files that may not grow fail a write, and keep what was acknowledged`() async throws {
        try await withTemporaryFolder { folder async throws in
            await #expect(processExitsWith: .success) { [folder = folder as String] in
                let database = try DatabaseTests.database(in: folder)
                try await database.write { try $0.execute("INSERT INTO t VALUES (1)") }
                signal(SIGXFSZ, SIG_IGN)
                var limit = rlimit(rlim_cur: 64 << 10, rlim_max: 1 << 30)
                setrlimit(__rlimit_resource_t(1), &limit)
                let error = await #expect(throws: SQLiteError.self) {
                    try await database.write { db in
                        try db.statement("INSERT INTO t VALUES (zeroblob(?))").run([.integer(1 << 20)])
                    }
                }
                #expect(error?.primaryCode == SQLITE_IOERR, "\(String(describing: error))")
                #expect(try await database.read { try DatabaseTests.count($0) } == 1)
                limit.rlim_cur = 1 << 30
                setrlimit(__rlimit_resource_t(1), &limit)
                try await database.write { try $0.execute("INSERT INTO t VALUES (2)") }
                try await database.close()
            }
            #expect(try DatabaseTests.count(Connection(.file("\(folder)/db"), .readOnly)) == 2)
        }
    }

    @Test func `what was acknowledged survives kill -9`() async throws {
        try await withTemporaryFolder { folder async throws in
            await #expect(processExitsWith: .signal(SIGKILL)) { [folder = folder as String] in
                let database = try DatabaseTests.database(in: folder)
                for number in Int64(0)..<50 {
                    try await database.write { db in
                        try db.statement("INSERT INTO t VALUES (?)").run([.integer(number)])
                    }
                }
                kill(getpid(), SIGKILL)
            }
            let database = try DatabaseTests.database(in: folder)
            #expect(try await database.read { try DatabaseTests.count($0) } == 50)
            try await database.close()
        }
    }
}

extension DatabaseTests {
    /// Makes a closed database in WAL mode with a table `t`.
    static func makeWAL(_ path: String) throws {
        let db = try Connection(.file(path))
        try db.setJournalMode(.wal)
        try db.execute("CREATE TABLE t (a)")
        try db.close()
    }
}
