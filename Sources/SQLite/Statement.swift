import CSQLite

/// A prepared statement of a connection; used by whoever has the connection.
package final class Statement {
    private let raw: OpaquePointer
    private let connection: Handle
    private let sql: String
    private var isRunning = false

    init(_ sql: String, _ connection: Handle, isKept: Bool) throws(SQLiteError) {
        self.connection = connection
        self.sql = sql
        raw = try Self.prepare(sql, connection, isKept: isKept)
    }

    deinit { sqlite3_finalize(raw) }

    /// Runs the statement to its end.
    ///
    /// - Parameter values: One for each parameter.
    /// - Throws: A ``SQLiteError`` that names the statement.
    package func run(_ values: [SQLiteValue] = []) throws {
        try rows(values) { _ in true }
    }

    /// Calls a closure for each row, until it returns `false`.
    ///
    /// The closure may run the same statement again. Texts and blobs are handed to SQLite without a copy.
    ///
    /// - Parameters:
    ///   - values: One for each parameter.
    ///   - body: Lent each row; returns whether it wants the next one.
    /// - Throws: A ``SQLiteError`` that names the statement; what the closure throws.
    package func rows(_ values: [SQLiteValue] = [], _ body: (borrowing Row) throws -> Bool) throws {
        // A statement that stands at a row would lose its place.
        guard !isRunning else { return try Statement(sql, connection, isKept: false).rows(values, body) }
        isRunning = true
        defer {
            // Its code is that of the last step, which was thrown already.
            sqlite3_reset(raw)
            // The values are gone when this returns.
            sqlite3_clear_bindings(raw)
            isRunning = false
        }
        try expectCount(values.count)
        try bind(values[...], at: 1) {
            while try step() {
                if try !body(Row(of: raw)) { return }
            }
        }
    }

    /// What a closure makes of the first row.
    ///
    /// - Returns: `nil` if there is no row.
    package func first<Result>(
        _ values: [SQLiteValue] = [], _ body: (borrowing Row) throws -> Result
    ) throws -> Result? {
        var result: Result?
        try rows(values) { row in
            result = try body(row)
            return false
        }
        return result
    }

    /// What a closure makes of each row.
    package func all<Result>(
        _ values: [SQLiteValue] = [], _ body: (borrowing Row) throws -> Result
    ) throws -> [Result] {
        var results: [Result] = []
        try rows(values) { row in
            results.append(try body(row))
            return true
        }
        return results
    }

    /// Goes on to the next row; `false` at the end.
    private func step() throws(SQLiteError) -> Bool {
        switch sqlite3_step(raw) {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        case let code: throw SQLiteError(code, of: connection.raw, statement: sql)
        }
    }
}

// MARK: - Preparing

extension Statement {
    private static func prepare(
        _ sql: String, _ connection: Handle, isKept: Bool
    ) throws(SQLiteError) -> OpaquePointer {
        var sql = sql
        var raw: OpaquePointer?
        let flags = isKept ? UInt32(SQLITE_PREPARE_PERSISTENT) : 0
        let (code, rest) = sql.withUTF8 { bytes in
            bytes.withMemoryRebound(to: CChar.self) { text in
                var end: UnsafePointer<CChar>?
                let code = sqlite3_prepare_v3(
                    connection.raw, text.baseAddress, Int32(clamping: text.count), flags, &raw, &end)
                return (code, text.count - (end.map { $0 - (text.baseAddress ?? $0) } ?? 0))
            }
        }
        guard code == SQLITE_OK else { throw SQLiteError(code, of: connection.raw, statement: sql) }
        // SQLite would leave the others out without a word.
        guard let raw, sql.utf8.suffix(rest).allSatisfy({ $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\n") }) else {
            sqlite3_finalize(raw)
            throw SQLiteError(code: SQLITE_MISUSE, message: "not one statement", statement: sql)
        }
        return raw
    }
}

// MARK: - Binding

extension Statement {
    /// What is not bound would be NULL, without a word.
    private func expectCount(_ count: Int) throws(SQLiteError) {
        let expected = Int(sqlite3_bind_parameter_count(raw))
        guard count == expected else {
            throw SQLiteError(
                code: SQLITE_MISUSE, message: "\(count) values for \(expected) parameters", statement: sql)
        }
    }

    /// Binds values one within the other, so that all of them stay where they are while a closure runs.
    private func bind(_ values: ArraySlice<SQLiteValue>, at index: Int32, _ body: () throws -> Void) throws {
        guard let value = values.first else { return try body() }
        let rest = values.dropFirst()
        switch value {
        case .null:
            try expect(sqlite3_bind_null(raw, index))
            try bind(rest, at: index + 1, body)
        case .integer(let number):
            try expect(sqlite3_bind_int64(raw, index, number))
            try bind(rest, at: index + 1, body)
        case .text(var text):
            try text.withUTF8 { bytes in
                try bind(text: bytes, at: index)
                try bind(rest, at: index + 1, body)
            }
        case .blob(let blob):
            try blob.withUnsafeBytes { bytes in
                try bind(blob: bytes, at: index)
                try bind(rest, at: index + 1, body)
            }
        }
    }

    private func bind(text bytes: UnsafeBufferPointer<UInt8>, at index: Int32) throws(SQLiteError) {
        // A null pointer would bind NULL.
        let start = UnsafeRawPointer(bytes.baseAddress ?? StaticString("").utf8Start)
        // Without a destructor SQLite takes the bytes where they are.
        try expect(
            sqlite3_bind_text64(
                raw, index, start.assumingMemoryBound(to: CChar.self), UInt64(bytes.count), nil, UInt8(SQLITE_UTF8)))
    }

    private func bind(blob bytes: UnsafeRawBufferPointer, at index: Int32) throws(SQLiteError) {
        // A null pointer would bind NULL.
        guard !bytes.isEmpty else { return try expect(sqlite3_bind_zeroblob(raw, index, 0)) }
        try expect(sqlite3_bind_blob64(raw, index, bytes.baseAddress, UInt64(bytes.count), nil))
    }

    private func expect(_ code: Int32) throws(SQLiteError) {
        guard code == SQLITE_OK else { throw SQLiteError(code, of: connection.raw, statement: sql) }
    }
}
