import Foundation
import GRDB
import Glibc
import KVTransfer

/// Writes one table into a new SQLite database.
///
/// The database is made under a temporary name beside its own and gets its name when it is whole. Nothing of it is of use before,
/// so it is written without a journal; each batch is a transaction.
final class SQLiteSink: ExportSink {
    private let path: String
    private let temporaryPath: String
    private let database: DatabaseQueue
    private var isFinished = false

    init(path: String) throws {
        try NewOutput.refuseExisting(path)
        let (folder, _) = NewOutput.split(path)
        let random = String(UInt64.random(in: .min ... .max), radix: 16)
        let temporaryPath = "\(folder)/\(VaultName.reservedPrefix)\(random).tmp"
        self.path = path
        self.temporaryPath = temporaryPath
        database = try SQLiteFailure.named(path) { try Self.makeDatabase(temporaryPath) }
    }

    deinit { if !isFinished { unlink(temporaryPath) } }

    /// A key is TEXT, so that it equals a text literal, unless it holds a NUL, which ends a TEXT for many functions of SQLite.
    private static func makeDatabase(_ path: String) throws -> DatabaseQueue {
        var configuration = Configuration()
        configuration.prepareDatabase { db in
            try db.execute(sql: "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA encoding = 'UTF-8'")
        }
        let database = try DatabaseQueue(path: path, configuration: configuration)
        try database.write { db in
            try db.execute(
                sql: """
                    CREATE TABLE records (
                        key TEXT NOT NULL PRIMARY KEY,
                        value BLOB NOT NULL,
                        metadata TEXT,
                        expiration INTEGER,
                        is_text INTEGER NOT NULL
                    )
                    """)
        }
        return database
    }

    func write(_ lines: [RecordLine]) async throws -> [Hole] {
        try SQLiteFailure.named(path) { try insert(lines) }
        return []
    }

    private func insert(_ lines: [RecordLine]) throws {
        try database.write { db in
            let statement = try db.cachedStatement(sql: "INSERT INTO records VALUES (?, ?, ?, ?, ?)")
            for line in lines {
                let key: any DatabaseValueConvertible =
                    line.key.utf8.contains(0) ? Data(line.key.utf8) : line.key.string
                try statement.execute(arguments: [
                    key, Data(line.value), line.metadata?.text, line.expiration?.seconds, !line.isBase64,
                ])
            }
        }
    }

    func finish() async throws {
        try SQLiteFailure.named(path) { try database.close() }
        let (folder, name) = NewOutput.split(path)
        let parent = try Descriptor.open(folder, O_RDONLY | O_DIRECTORY, path: folder, "opened")
        try Descriptor.open(temporaryPath, O_RDONLY, path: path, "opened").sync(path: path)
        // Unlike a rename, a link fails if the name was taken meanwhile.
        guard linkat(AT_FDCWD, temporaryPath, parent.raw, name, 0) == 0 else {
            throw VaultError(errno: errno, path: path, "published")
        }
        unlink(temporaryPath)
        isFinished = true
        try parent.sync(path: folder)
    }

    func abandon() async {
        try? database.close()
        if !isFinished { unlink(temporaryPath) }
    }
}

/// Errors of the database library as ours.
enum SQLiteFailure {
    static func named<Result>(_ path: String, _ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch let error as DatabaseError {
            throw ExchangeError(.database, "\(path): SQLite says: \(error.message ?? "\(error.resultCode)")")
        }
    }
}
