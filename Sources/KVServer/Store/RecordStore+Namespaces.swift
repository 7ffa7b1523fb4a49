import KVModel
import SQLite

/// A namespace as the API shows it.
package struct StoredNamespace: Hashable, Sendable {
    package var id: String
    package var title: String
    package var jurisdiction: String?

    /// What the columns of a row are, for ``init(_:)``.
    fileprivate static let columns = "id, title, jurisdiction"

    fileprivate init(_ row: borrowing Row) {
        id = row.text(0)
        title = row.text(1)
        jurisdiction = row.textOrNil(2)
    }

    fileprivate init(id: String, title: String, jurisdiction: String?) {
        self.id = id
        self.title = title
        self.jurisdiction = jurisdiction
    }
}

/// How a list of namespaces is sorted; the raw values are what the API calls the columns.
package enum NamespaceOrder: String, Sendable {
    case id, title
}

/// Why a namespace was not made or renamed.
package enum NamespaceRefusal: Error {
    case titleTaken, tooMany
}

extension RecordStore {
    /// A page of the namespaces and how many there are in all.
    package func namespaces(
        page: Int, perPage: Int, order: NamespaceOrder, descending: Bool
    ) async throws -> (rows: [StoredNamespace], total: Int) {
        let (offset, overflow) = (page - 1).multipliedReportingOverflow(by: perPage)
        return try await database.read { db in
            let total = try Self.countNamespaces(db)
            guard !overflow else { return ([], total) }
            let statement = try db.statement(
                """
                SELECT \(StoredNamespace.columns) FROM namespace
                ORDER BY \(order.rawValue) \(descending ? "DESC" : "ASC") LIMIT ? OFFSET ?
                """)
            let rows = try statement.all([.integer(Int64(perPage)), .integer(Int64(offset))]) { StoredNamespace($0) }
            return (rows, total)
        }
    }

    /// One namespace.
    package func namespace(_ id: String) async throws -> StoredNamespace {
        // One statement needs no transaction.
        try await database.readWithoutTransaction { try Self.namespace(id, $0) }
    }

    private static func namespace(_ id: String, _ db: Connection) throws -> StoredNamespace {
        let statement = try db.statement("SELECT \(StoredNamespace.columns) FROM namespace WHERE id = ?")
        guard let namespace = try statement.first([.text(id)], { StoredNamespace($0) }) else {
            throw NamespaceMissing()
        }
        return namespace
    }

    /// Refuses a namespace that does not exist, before anything else is looked at.
    package func expectNamespace(_ id: String) async throws {
        try await database.readWithoutTransaction { _ = try Self.number(of: id, $0) }
    }

    /// Makes an empty namespace.
    package func createNamespace(id: String, title: String, jurisdiction: String?) async throws -> StoredNamespace {
        try await database.write { db in
            try Self.expectFree(title, for: id, db)
            guard try Self.countNamespaces(db) < KVLimits.namespacesPerAccount else { throw NamespaceRefusal.tooMany }
            let insert = try db.statement("INSERT INTO namespace (id, title, jurisdiction) VALUES (?, ?, ?)")
            try insert.run([.text(id), .text(title), .text(orNull: jurisdiction)])
            return StoredNamespace(id: id, title: title, jurisdiction: jurisdiction)
        }
    }

    /// Gives a namespace another title.
    package func renameNamespace(_ id: String, title: String) async throws -> StoredNamespace {
        try await database.write { db in
            var namespace = try Self.namespace(id, db)
            try Self.expectFree(title, for: id, db)
            try db.statement("UPDATE namespace SET title = ? WHERE id = ?").run([.text(title), .text(id)])
            namespace.title = title
            return namespace
        }
    }

    /// Deletes a namespace at once; its records, which nobody can reach any more, go with the next sweep.
    package func deleteNamespace(_ id: String) async throws {
        try await database.write { db in
            let number = try Self.number(of: id, db)
            try db.statement("DELETE FROM namespace WHERE number = ?").run([.integer(number)])
            try db.statement("INSERT INTO deleted_namespace (number) VALUES (?)").run([.integer(number)])
        }
    }

    private static func expectFree(_ title: String, for id: String, _ db: Connection) throws {
        let other = try db.statement("SELECT 1 FROM namespace WHERE title = ? AND id <> ?")
        if try other.first([.text(title), .text(id)], { _ in true }) == true { throw NamespaceRefusal.titleTaken }
    }

    private static func countNamespaces(_ db: Connection) throws -> Int {
        Int(try db.statement("SELECT count(*) FROM namespace").first { $0.integer(0) } ?? 0)
    }
}
