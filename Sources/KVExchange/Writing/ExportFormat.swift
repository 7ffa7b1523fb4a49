package import KVTransfer

/// The formats in which records are written.
package enum ExportFormat: String, CaseIterable, Sendable {
    /// One record line after the other, as they stand in an archive.
    case ndjson
    /// JSON arrays for `wrangler kv bulk put`.
    case wrangler
    /// A table with commas and quotes.
    case csv
    /// A table with tabs and escapes.
    case tsv
    /// A SQLite database.
    case sqlite
    /// A folder with a file for each value, and an index.
    case files

    /// Whether the format is a stream of bytes, which may also go to standard output.
    package var isStream: Bool {
        switch self {
        case .ndjson, .wrangler, .csv, .tsv: true
        case .sqlite, .files: false
        }
    }

    /// Starts to write a stream.
    ///
    /// - Parameters:
    ///   - writer: Where the bytes go.
    ///   - chunkRecords: The most records of one wrangler array.
    /// - Returns: The sink, or `nil` if the format is no stream.
    package func streamSink(to writer: any VaultWriter, chunkRecords: Int) -> (any ExportSink)? {
        switch self {
        case .ndjson: LineSink(writer)
        case .csv: TableSink(writer, dialect: .csv)
        case .tsv: TableSink(writer, dialect: .tsv)
        case .wrangler: WranglerSink(writer, chunkRecords: chunkRecords)
        case .sqlite, .files: nil
        }
    }

    /// Starts to write a file, or a folder for `wrangler` and `files`.
    ///
    /// - Parameters:
    ///   - path: The output, which must not be there yet; a folder may be if it is empty.
    ///   - chunkRecords: The most records of one wrangler array.
    /// - Returns: The sink.
    /// - Throws: ``ExchangeError`` with `exists` or `database`; `VaultError`.
    package func sink(toPath path: String, chunkRecords: Int) async throws -> any ExportSink {
        switch self {
        case .ndjson: LineSink(try await NewOutput.file(at: path))
        case .csv: TableSink(try await NewOutput.file(at: path), dialect: .csv)
        case .tsv: TableSink(try await NewOutput.file(at: path), dialect: .tsv)
        case .wrangler: WranglerSink(in: try NewOutput.folder(at: path), chunkRecords: chunkRecords)
        case .sqlite: try SQLiteSink(path: path)
        case .files: try await FilesSink(in: try NewOutput.folder(at: path))
        }
    }
}
