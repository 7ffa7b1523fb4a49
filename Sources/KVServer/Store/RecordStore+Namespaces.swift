import Foundation
import GRDB
import KVModel

/// A namespace as the API shows it.
struct StoredNamespace: Sendable {
    var id: String
    var title: String
    var jurisdiction: String?

    fileprivate init(_ row: Row) {
        id = row["id"]
        title = row["title"]
        jurisdiction = row["jurisdiction"]
    }

    fileprivate init(id: String, title: String, jurisdiction: String?) {
        self.id = id
        self.title = title
        self.jurisdiction = jurisdiction
    }
}

/// How a list of namespaces is sorted; the raw values are what the API calls the columns.
enum NamespaceOrder: String, Sendable {
    case id, title
}

/// Why a namespace was not made or renamed.
enum NamespaceRefusal: Error {
    case titleTaken, tooMany
}

extension RecordStore {
    /// A page of the namespaces and how many there are in all.
    func namespaces(
        page: Int, perPage: Int, order: NamespaceOrder, descending: Bool
    ) async throws -> (rows: [StoredNamespace], total: Int) {
        let (offset, overflow) = (page - 1).multipliedReportingOverflow(by: perPage)
        return try await database.read { db in
            let total = try Int.fetchOne(db, sql: "SELECT count(*) FROM namespace") ?? 0
            guard !overflow else { return ([], total) }
            let rows = try Row.fetchAll(
                db,
                sql: """
                    SELECT * FROM namespace ORDER BY \(order.rawValue) \(descending ? "DESC" : "ASC") LIMIT ? OFFSET ?
                    """, arguments: [perPage, offset])
            return (rows.map { StoredNamespace($0) }, total)
        }
    }

    /// One namespace.
    func namespace(_ id: String) async throws -> StoredNamespace {
        try await database.read { db in
            guard let row = try Row.fetchOne(db, sql: "SELECT * FROM namespace WHERE id = ?", arguments: [id]) else {
                throw NamespaceMissing()
            }
            return StoredNamespace(row)
        }
    }

    /// Refuses a namespace that does not exist, before anything else is looked at.
    func expectNamespace(_ id: String) async throws {
        // One statement needs no transaction.
        try await database.unsafeRead { _ = try Self.number(of: id, $0) }
    }

    /// Makes an empty namespace.
    func createNamespace(id: String, title: String, jurisdiction: String?) async throws -> StoredNamespace {
        try await database.write { db in
            try Self.expectFree(title, for: id, db)
            let total = try Int.fetchOne(db, sql: "SELECT count(*) FROM namespace") ?? 0
            guard total < KVLimits.namespacesPerAccount else { throw NamespaceRefusal.tooMany }
            try db.execute(
                sql: "INSERT INTO namespace (id, title, jurisdiction) VALUES (?, ?, ?)",
                arguments: [id, title, jurisdiction])
            return StoredNamespace(id: id, title: title, jurisdiction: jurisdiction)
        }
    }

    /// Gives a namespace another title.
    func renameNamespace(_ id: String, title: String) async throws -> StoredNamespace {
        try await database.write { db in
            guard let row = try Row.fetchOne(db, sql: "SELECT * FROM namespace WHERE id = ?", arguments: [id]) else {
                throw NamespaceMissing()
            }
            try Self.expectFree(title, for: id, db)
            try db.execute(sql: "UPDATE namespace SET title = ? WHERE id = ?", arguments: [title, id])
            var namespace = StoredNamespace(row)
            namespace.title = title
            return namespace
        }
    }

    /// Deletes a namespace at once; its records, which nobody can reach any more, go with the next sweep.
    func deleteNamespace(_ id: String) async throws {
        try await database.write { db in
            let number = try Self.number(of: id, db)
            try db.execute(sql: "DELETE FROM namespace WHERE number = ?", arguments: [number])
            try db.execute(sql: "INSERT INTO deleted_namespace (number) VALUES (?)", arguments: [number])
        }
    }

    private static func expectFree(_ title: String, for id: String, _ db: Database) throws {
        let taken = try Bool.fetchOne(
            db, sql: "SELECT EXISTS (SELECT 1 FROM namespace WHERE title = ? AND id <> ?)", arguments: [title, id])
        if taken == true { throw NamespaceRefusal.titleTaken }
    }
}
