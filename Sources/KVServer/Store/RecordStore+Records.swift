package import KVModel
import SQLite

/// What is stored for a key.
package struct StoredRecord: Hashable, Sendable {
    package var value: [UInt8]
    package var metadata: KVMetadata?
    package var expiration: Int64?

    fileprivate init(_ row: borrowing Row) {
        expiration = row.integerOrNil(0)
        metadata = row.metadata(1)
        value = row.bytes(2)
    }
}

/// A row of a list of keys.
package struct KeyRow: Hashable, Sendable {
    package var key: [UInt8]
    package var expiration: Int64?
    package var metadata: KVMetadata?

    fileprivate init(_ row: borrowing Row) {
        key = row.bytes(0)
        expiration = row.integerOrNil(1)
        metadata = row.metadata(2)
    }
}

extension Row {
    /// The metadata in a column, which is compact because it was when it was written.
    fileprivate func metadata(_ column: Int32) -> KVMetadata? {
        bytesOrNil(column).map { KVMetadata(compact: $0) }
    }
}

extension RecordStore {
    /// What is stored for a key; `nil` if it does not exist or has expired.
    package func record(_ key: KVKey, in namespace: String) async throws -> StoredRecord? {
        let moment = now().seconds
        return try await database.read { db in
            let number = try Self.number(of: namespace, db)
            return try Self.record(key, in: number, now: moment, db)
        }
    }

    /// The metadata of a key, with the value left where it is.
    ///
    /// - Returns: `nil` if there is no such key; `.some(nil)` if it has no metadata.
    package func metadata(of key: KVKey, in namespace: String) async throws -> KVMetadata?? {
        let moment = now().seconds
        return try await database.read { db -> KVMetadata?? in
            let number = try Self.number(of: namespace, db)
            let statement = try db.statement(
                """
                SELECT metadata FROM record
                WHERE namespace = ? AND key = ? AND (expiration IS NULL OR expiration > ?)
                """)
            return try statement.first([.integer(number), .blob(key.utf8), .integer(moment)]) { $0.metadata(0) }
        }
    }

    /// What is stored for each of some keys, read in one transaction.
    ///
    /// - Parameters:
    ///   - keys: Which ones.
    ///   - namespace: The namespace's id.
    ///   - limit: The most value bytes; reading stops when they are exceeded.
    /// - Returns: The records in the order of the keys, or `nil` if there were too many bytes.
    /// - Throws: ``NamespaceMissing``, or a `SQLiteError`.
    package func records(_ keys: [KVKey], in namespace: String, limit: Int) async throws -> [StoredRecord?]? {
        let moment = now().seconds
        return try await database.read { db in
            let number = try Self.number(of: namespace, db)
            var bytes = 0
            var records: [StoredRecord?] = []
            for key in keys {
                let record = try Self.record(key, in: number, now: moment, db)
                bytes += record?.value.count ?? 0
                guard bytes <= limit else { return nil }
                records.append(record)
            }
            return records
        }
    }

    private static func record(_ key: KVKey, in number: Int64, now: Int64, _ db: Connection) throws -> StoredRecord? {
        let statement = try db.statement(
            """
            SELECT expiration, metadata, value FROM record
            WHERE namespace = ? AND key = ? AND (expiration IS NULL OR expiration > ?)
            """)
        return try statement.first([.integer(number), .blob(key.utf8), .integer(now)]) { StoredRecord($0) }
    }

    /// Keys in ascending byte order.
    ///
    /// - Parameters:
    ///   - namespace: The namespace's id.
    ///   - prefix: What the keys start with.
    ///   - last: The key after which to go on.
    ///   - limit: How many rows at most.
    /// - Returns: The rows, fewer than the limit only where the keys end.
    /// - Throws: ``NamespaceMissing``, or a `SQLiteError`.
    package func keys(in namespace: String, prefix: [UInt8], after last: [UInt8]?, limit: Int) async throws -> [KeyRow]
    {
        let moment = now().seconds
        // The byte string that follows k is k with a zero byte after it.
        let next = last.map { $0 + [0x00] } ?? []
        let lower = next.lexicographicallyPrecedes(prefix) ? prefix : next
        let upper = Self.upperBound(of: prefix)
        return try await database.read { db in
            let number = try Self.number(of: namespace, db)
            let statement = try db.statement(
                """
                SELECT key, expiration, metadata FROM record
                WHERE namespace = ? AND key >= ? AND key < ? AND (expiration IS NULL OR expiration > ?)
                ORDER BY key LIMIT ?
                """)
            let values: [SQLiteValue] = [
                .integer(number), .blob(lower), .blob(upper), .integer(moment), .integer(Int64(limit)),
            ]
            return try statement.all(values) { KeyRow($0) }
        }
    }

    /// The least byte string that is greater than all that start with a prefix.
    private static func upperBound(of prefix: [UInt8]) -> [UInt8] {
        var bound = prefix
        while let byte = bound.popLast() {
            if byte < 0xFF { return bound + [byte + 1] }
        }
        // No key starts with this byte, because it never occurs in UTF-8.
        return [0xFF]
    }
}

// MARK: - Writing

/// A record to be written.
package struct RecordWrite: Sendable {
    package var key: KVKey
    package var value: [UInt8]
    package var metadata: KVMetadata?
    package var expiration: UnixTime?

    package init(key: KVKey, value: [UInt8], metadata: KVMetadata? = nil, expiration: UnixTime? = nil) {
        self.key = key
        self.value = value
        self.metadata = metadata
        self.expiration = expiration
    }
}

extension RecordStore {
    /// Writes records in one transaction; of several with the same key, the last one stays.
    package func write(_ writes: [RecordWrite], in namespace: String) async throws {
        // Neighbours in the index are written one after the other, which is ten times faster than in random order.
        let order = writes.indices.sorted { one, other in
            let (first, second) = (writes[one].key, writes[other].key)
            return first == second ? one < other : first < second
        }
        try await database.write { db in
            let number = try Self.number(of: namespace, db)
            let statement = try db.statement(
                """
                INSERT INTO record (namespace, key, expiration, metadata, value) VALUES (?, ?, ?, ?, ?)
                ON CONFLICT (namespace, key) DO UPDATE
                SET expiration = excluded.expiration, metadata = excluded.metadata, value = excluded.value
                """)
            for index in order {
                let write = writes[index]
                try statement.run([
                    .integer(number), .blob(write.key.utf8), .integer(orNull: write.expiration?.seconds),
                    .blob(orNull: write.metadata?.json), .blob(write.value),
                ])
            }
        }
    }

    /// Deletes keys in one transaction; those that do not exist are gone already.
    package func delete(_ keys: [KVKey], in namespace: String) async throws {
        let sorted = keys.sorted()
        try await database.write { db in
            let number = try Self.number(of: namespace, db)
            let statement = try db.statement("DELETE FROM record WHERE namespace = ? AND key = ?")
            for key in sorted { try statement.run([.integer(number), .blob(key.utf8)]) }
        }
    }
}
