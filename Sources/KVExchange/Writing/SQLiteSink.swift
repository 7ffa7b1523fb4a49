import Glibc
import KVTransfer
import SQLite

/// Writes one table into a new SQLite database.
///
/// The database is made under a temporary name beside its own and gets its name when it is whole. Nothing of it is of use before,
/// so it is written without a journal; each batch is a transaction.
final class SQLiteSink: ExportSink {
    private let path: String
    private let temporaryPath: String
    private let database: Connection
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
    private static func makeDatabase(_ path: String) throws -> Connection {
        let database = try Connection(.file(path))
        try database.setJournalMode(.off)
        try database.execute("PRAGMA synchronous = OFF; PRAGMA encoding = 'UTF-8'")
        try database.execute(
            """
            CREATE TABLE records (
                key TEXT NOT NULL PRIMARY KEY,
                value BLOB NOT NULL,
                metadata TEXT,
                expiration INTEGER,
                is_text INTEGER NOT NULL
            )
            """)
        return database
    }

    func write(_ lines: [RecordLine]) async throws -> [Hole] {
        try SQLiteFailure.named(path) { try insert(lines) }
        return []
    }

    private func insert(_ lines: [RecordLine]) throws {
        try database.transaction(.immediate) {
            let statement = try database.statement("INSERT INTO records VALUES (?, ?, ?, ?, ?)")
            for line in lines {
                try statement.run([
                    line.key.utf8.contains(0) ? .blob(line.key.utf8) : .text(line.key.string), .blob(line.value),
                    .text(orNull: line.metadata?.text), .integer(orNull: line.expiration?.seconds),
                    .integer(line.isBase64 ? 0 : 1),
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

/// Errors of SQLite as ours.
enum SQLiteFailure {
    static func named<Result>(_ path: String, _ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch let error as SQLiteError where error.needsWritableFolder {
            throw ExchangeError(
                .database,
                """
                \(path) is in WAL mode, in which SQLite reads it only where its folder can be written; \
                copy it elsewhere, with \(path)-wal if that is there
                """)
        } catch let error as SQLiteError {
            throw ExchangeError(.database, "\(path): SQLite says: \(error.message)")
        }
    }
}
