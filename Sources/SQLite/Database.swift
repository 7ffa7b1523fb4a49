import Synchronization

/// A database with one writer and several readers that do not wait for each other.
///
/// A file is in WAL mode with `synchronous=FULL`: what a write has returned from is on the disk. A database in memory has
/// one connection for all.
///
/// A task that is cancelled before its turn gets a `CancellationError`; what has begun runs to its end, so that a
/// cancellation never leaves half of something.
package final class Database: Sendable {
    private let writer: Lane
    private let readers: [Lane]

    /// Opens or makes a database.
    ///
    /// - Parameters:
    ///   - place: Where it is.
    ///   - readers: How many may read a file at once.
    ///   - busyMilliseconds: How long to wait for another program's lock.
    ///   - setUp: Makes the tables.
    /// - Throws: A ``SQLiteError``; what `setUp` throws.
    package init(
        _ place: Connection.Place, readers: Int = 4, busyMilliseconds: Int32 = 30_000,
        setUp: @Sendable (Connection) throws -> Void = { _ in }
    ) throws {
        let connection = try Connection(place, busyMilliseconds: busyMilliseconds)
        if place != .memory {
            try connection.setJournalMode(.wal)
            try connection.execute("PRAGMA synchronous = FULL")
        }
        try setUp(connection)
        writer = Lane(connection, label: "sqlite.writer")
        self.readers = try (0..<(place == .memory ? 0 : readers)).map { number in
            Lane(try Connection(place, .readOnly, busyMilliseconds: busyMilliseconds), label: "sqlite.reader.\(number)")
        }
    }

    /// Runs a closure in a transaction of the writer; when this returns, what it wrote is on the disk.
    package func write<Result: Sendable>(_ body: @Sendable (Connection) throws -> Result) async throws -> Result {
        try await writer.perform { connection in
            try connection.transaction(.immediate) { try body(connection) }
        }
    }

    /// Runs a closure that sees one state of the database.
    package func read<Result: Sendable>(_ body: @Sendable (Connection) throws -> Result) async throws -> Result {
        try await readWithoutTransaction { connection in
            try connection.transaction(.deferred) { try body(connection) }
        }
    }

    /// Runs a closure of which each statement sees a state of its own; for one statement that is enough.
    package func readWithoutTransaction<Result: Sendable>(
        _ body: @Sendable (Connection) throws -> Result
    ) async throws -> Result {
        let lane = leastBusyReader
        lane.load.add(1, ordering: .relaxed)
        defer { lane.load.subtract(1, ordering: .relaxed) }
        return try await lane.perform(body)
    }

    /// A reader with nothing to do, or else the one with the shortest queue; in memory the one connection.
    private var leastBusyReader: Lane {
        var best = writer
        var least = Int.max
        for reader in readers {
            let load = reader.load.load(ordering: .relaxed)
            if load == 0 { return reader }
            if load < least { (best, least) = (reader, load) }
        }
        return best
    }

    /// Moves everything into the one file, so that a copy of it is a copy of everything, and closes all connections.
    ///
    /// What has begun ends first; what comes later fails. A cancellation changes nothing.
    ///
    /// - Throws: A ``SQLiteError``; the database is closed even so, and nothing is lost: what was not moved is in the log
    ///   beside the file.
    package func close() async throws {
        var results: [Result<Void, any Error>] = []
        // Each step is taken whatever became of those before.
        for reader in readers { results.append(await reader.close()) }
        if !readers.isEmpty { results.append(await writer.emptyLog()) }
        results.append(await writer.close())
        for result in results { try result.get() }
    }
}
