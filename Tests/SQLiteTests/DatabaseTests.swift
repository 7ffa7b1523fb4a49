import CSQLite
import Foundation
import SQLite
import Testing

@Suite struct DatabaseTests {
    /// A database with a table `t` of one column.
    static func database(in folder: String, busyMilliseconds: Int32 = 30_000) throws -> Database {
        try Database(.file("\(folder)/db"), busyMilliseconds: busyMilliseconds) { db in
            try db.execute("CREATE TABLE IF NOT EXISTS t (a)")
        }
    }

    static func count(_ db: Connection) throws -> Int64 {
        try db.statement("SELECT count(*) FROM t").first { $0.integer(0) } ?? -1
    }

    @Test func `the writer syncs each commit, and readers cannot write`() async throws {
        try await withTemporaryFolder { folder async throws in
            let database = try Self.database(in: folder)
            let modes = try await database.write { db in
                try ["journal_mode", "synchronous"].map { try db.prepare("PRAGMA \($0)").first { $0.text(0) } }
            }
            #expect(modes == ["wal", "2"])
            let error = await #expect(throws: SQLiteError.self) {
                try await database.read { try $0.execute("DROP TABLE t") }
            }
            #expect(error?.primaryCode == SQLITE_READONLY)
            try await database.close()
        }
    }

    @Test func `readers see one state while the writer writes`() async throws {
        try await withTemporaryFolder { folder async throws in
            let database = try Self.database(in: folder)
            try await withThrowingTaskGroup { group in
                for number in Int64(0)..<100 {
                    group.addTask {
                        try await database.write { db in
                            for _ in 0..<2 {
                                try db.statement("INSERT INTO t VALUES (?)").run([.integer(number)])
                            }
                        }
                    }
                    group.addTask {
                        let (one, other) = try await database.read { (try Self.count($0), try Self.count($0)) }
                        #expect(one == other && one.isMultiple(of: 2))
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await database.read { try Self.count($0) } == 200)
            try await database.close()
        }
    }

    @Test func `a reader does not wait for the writer, nor for another reader`() async throws {
        try await withTemporaryFolder { folder async throws in
            let database = try Self.database(in: folder)
            let isRead = DispatchSemaphore(value: 0)
            // Two that hold their connections until a third has read.
            async let writing: Void = database.write { db in
                try db.execute("INSERT INTO t VALUES (1)")
                #expect(isRead.wait(timeout: .now() + 60) == .success)
            }
            async let reading: Void = database.read { _ in #expect(isRead.wait(timeout: .now() + 60) == .success) }
            #expect(try await database.read { try Self.count($0) } == 0)
            for _ in 0..<2 { isRead.signal() }
            _ = try await (writing, reading)
            #expect(try await database.read { try Self.count($0) } == 1)
            try await database.close()
        }
    }

    @Test func `a database in memory has one state for all`() async throws {
        let database = try Database(.memory) { try $0.execute("CREATE TABLE t (a)") }
        try await database.write { try $0.execute("INSERT INTO t VALUES (1)") }
        #expect(try await database.read { try Self.count($0) } == 1)
        #expect(try await database.readWithoutTransaction { try Self.count($0) } == 1)
        try await database.close()
    }

    @Test func `what fails undoes its write, and only that`() async throws {
        struct Stop: Error {}
        try await withTemporaryFolder { folder async throws in
            let database = try Self.database(in: folder)
            await #expect(throws: Stop.self) {
                try await database.write { db in
                    try db.execute("INSERT INTO t VALUES (1)")
                    throw Stop()
                }
            }
            try await database.write { try $0.execute("INSERT INTO t VALUES (2)") }
            #expect(try await database.read { try Self.count($0) } == 1)
            try await database.close()
        }
    }

    @Test func `tables that cannot be made leave no database open`() async throws {
        struct Stop: Error {}
        try await withTemporaryFolder { folder async throws in
            #expect(throws: Stop.self) { try Database(.file("\(folder)/db")) { _ in throw Stop() } }
            #expect(try names(in: folder) == ["db"])
        }
    }
}

// MARK: - Cancellation

extension DatabaseTests {
    @Test func `a task that was cancelled does not begin`() async throws {
        try await withTemporaryFolder { folder async throws in
            let database = try Self.database(in: folder)
            let task = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                await #expect(throws: CancellationError.self) {
                    try await database.write { try $0.execute("INSERT INTO t VALUES (1)") }
                }
                await #expect(throws: CancellationError.self) { try await database.read { try Self.count($0) } }
            }
            await task.value
            #expect(try await database.read { try Self.count($0) } == 0)
            try await database.close()
        }
    }

    @Test func `what has begun runs to its end, and the next one is not interrupted`() async throws {
        try await withTemporaryFolder { folder async throws in
            let database = try Self.database(in: folder)
            let (begun, cancelled) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
            let task = Task {
                try await database.write { db in
                    begun.signal()
                    #expect(cancelled.wait(timeout: .now() + 60) == .success)
                    try db.execute("INSERT INTO t VALUES (1)")
                    return Task.isCancelled
                }
            }
            #expect(await Self.wait(for: begun))
            task.cancel()
            cancelled.signal()
            #expect(try await task.value)
            #expect(try await database.read { try Self.count($0) } == 1)
            try await database.close()
        }
    }

    @Test func `a cancelled task closes the database as any other`() async throws {
        try await withTemporaryFolder { folder async throws in
            let database = try Self.database(in: folder)
            try await database.write { try $0.execute("INSERT INTO t VALUES (1)") }
            let task = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                try await database.close()
            }
            try await task.value
            #expect(try names(in: folder) == ["db"])
        }
    }

    private static func wait(for semaphore: DispatchSemaphore) async -> Bool {
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                continuation.resume(returning: semaphore.wait(timeout: .now() + 60) == .success)
            }
        }
    }
}
