import KVTransfer

/// Writes records as rows of a table.
final class TableSink: ExportSink {
    private let writer: any VaultWriter
    private let dialect: TableDialect
    private var hasHeader = false

    init(_ writer: any VaultWriter, dialect: TableDialect) {
        self.writer = writer
        self.dialect = dialect
    }

    func write(_ lines: [RecordLine]) async throws -> [Hole] {
        var bytes = takeHeader()
        for line in lines { dialect.append(TableRow.fields(of: line), to: &bytes) }
        try await writer.write(bytes)
        return []
    }

    func finish() async throws {
        // A table without rows has a header too.
        try await writer.write(takeHeader())
        try await writer.publish()
    }

    func abandon() async { await writer.abandon() }

    private func takeHeader() -> [UInt8] {
        guard !hasHeader else { return [] }
        hasHeader = true
        var bytes: [UInt8] = []
        dialect.append(TableRow.Column.allCases.map { Array($0.rawValue.utf8) }, to: &bytes)
        return bytes
    }
}
