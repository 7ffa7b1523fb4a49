import CSQLite
import Foundation
import SQLite
import Testing

/// What is left of a database, and what is said, when it is closed.
@Suite struct ClosingTests {
    @Test func `everything is in one file, a copy of which is a copy of everything`() async throws {
        try await withTemporaryFolder { folder async throws in
            let database = try DatabaseTests.database(in: folder)
            try await database.write { try $0.execute("INSERT INTO t VALUES (1)") }
            #expect(try names(in: folder) == ["db", "db-shm", "db-wal"])
            try await database.close()
            #expect(try names(in: folder) == ["db"])
            try FileManager.default.moveItem(atPath: "\(folder)/db", toPath: "\(folder)/copy")
            let copy = try Connection(.file("\(folder)/copy"), .readOnly)
            #expect(try DatabaseTests.count(copy) == 1)
        }
    }

    @Test func `what has begun ends first, what comes later fails`() async throws {
        try await withTemporaryFolder { folder async throws in
            let database = try DatabaseTests.database(in: folder)
            try await withThrowingTaskGroup { group in
                for number in Int64(0)..<50 {
                    group.addTask {
                        do {
                            try await database.write { db in
                                try db.statement("INSERT INTO t VALUES (?)").run([.integer(number)])
                            }
                            return Int64(1)
                        } catch let error as SQLiteError {
                            #expect(error.message == "the connection is closed")
                            return 0
                        }
                    }
                }
                try await database.close()
                let acknowledged = try await group.reduce(0, +)
                let copy = try Connection(.file("\(folder)/db"), .readOnly)
                #expect(try DatabaseTests.count(copy) == acknowledged)
            }
            let error = await #expect(throws: SQLiteError.self) { try await database.close() }
            #expect(error?.message == "the connection is closed")
        }
    }

    @Test func `a reader that cannot be closed is told, and keeps nothing from the file`() async throws {
        try await withTemporaryFolder { folder async throws in
            let database = try DatabaseTests.database(in: folder)
            try await database.write { try $0.execute("INSERT INTO t VALUES (1)") }
            let kept = Kept()
            try await database.read { kept.statement = try $0.statement("SELECT count(*) FROM t") }
            let error = await #expect(throws: SQLiteError.self) { try await database.close() }
            #expect(error?.message.contains("unfinalized statements") == true)
            #expect(kept.statement != nil)
            try FileManager.default.copyItem(atPath: "\(folder)/db", toPath: "\(folder)/copy")
            #expect(try DatabaseTests.count(Connection(.file("\(folder)/copy"), .readOnly)) == 1)
        }
    }

    /// A statement that outlives the work it was made for.
    private final class Kept: @unchecked Sendable {  // Set once, and let go once nobody works any more.
        var statement: Statement?
    }

    @Test func `another program that reads is told, and nothing is lost`() async throws {
        try await withTemporaryFolder { folder async throws in
            let database = try DatabaseTests.database(in: folder, busyMilliseconds: 50)
            try await database.write { try $0.execute("INSERT INTO t VALUES (1)") }
            let other = try OtherProgram(
                on: "\(folder)/db", #"db.execute("BEGIN"); db.execute("SELECT * FROM t").fetchall(); ready()"#)
            try await database.write { try $0.execute("INSERT INTO t VALUES (2)") }
            let error = await #expect(throws: SQLiteError.self) { try await database.close() }
            #expect(error?.description == "SQLite error 5: another program reads it")
            #expect(try names(in: folder) == ["db", "db-shm", "db-wal"])
            try other.end()
            let again = try DatabaseTests.database(in: folder)
            #expect(try await again.read { try DatabaseTests.count($0) } == 2)
            try await again.close()
            #expect(try names(in: folder) == ["db"])
        }
    }

    @Test func `another program that writes is told to whoever wants to write, and readers read`() async throws {
        try await withTemporaryFolder { folder async throws in
            let database = try DatabaseTests.database(in: folder, busyMilliseconds: 50)
            let other = try OtherProgram(
                on: "\(folder)/db", #"db.execute("BEGIN IMMEDIATE"); db.execute("INSERT INTO t VALUES (1)"); ready()"#)
            let error = await #expect(throws: SQLiteError.self) {
                try await database.write { try $0.execute("INSERT INTO t VALUES (2)") }
            }
            #expect(error?.description == "SQLite error 5: database is locked - while executing `BEGIN IMMEDIATE`")
            #expect(try await database.read { try DatabaseTests.count($0) } == 0)
            try other.end()
            try await database.write { try $0.execute("INSERT INTO t VALUES (2)") }
            try await database.close()
            #expect(try names(in: folder) == ["db"])
        }
    }
}
