import CSQLite
import Foundation
import SQLite
import Testing

@Suite struct StatementTests {
    private let db: Connection

    init() throws {
        db = try Connection(.memory)
        try db.execute("CREATE TABLE t (number INTEGER PRIMARY KEY, a)")
    }

    private func insert(_ values: SQLiteValue...) throws {
        for value in values { try db.statement("INSERT INTO t (a) VALUES (?)").run([value]) }
    }

    @Test(
        arguments: [
            .null, .integer(.min), .integer(.max), .integer(0), .text(""), .text("é€𝄞"), .text("e\u{301}"),
            .text("a\0b\0"),
            .blob([]), .blob([0]), .blob(Array(0...255)),
        ] as [SQLiteValue])
    func `a value comes back as it was`(value: SQLiteValue) throws {
        try insert(value)
        let stored = try db.statement("SELECT a FROM t").first { row -> SQLiteValue in
            switch row.type(0) {
            case .null: .null
            case .integer: .integer(row.integer(0))
            case .text: .text(row.text(0))
            case .blob: .blob(row.bytes(0))
            case .real: throw SQLiteError(code: SQLITE_MISMATCH, message: "a number with a point")
            }
        }
        #expect(stored == value)
        guard case .text(let text) = value else { return }
        let bytes = try db.statement("SELECT CAST(a AS BLOB) FROM t").first { $0.bytes(0) }
        #expect(bytes == Array(text.utf8))
    }

    @Test func `nothing, an empty blob and an empty text are three things`() throws {
        try insert(.null, .blob([]), .text(""))
        let types = try db.statement("SELECT typeof(a), a FROM t ORDER BY number").all {
            "\($0.text(0)) \($0.isNull(1)) \($0.bytesOrNil(1)?.count ?? -1) \($0.textOrNil(1)?.count ?? -1)"
        }
        #expect(types == ["null true -1 -1", "blob false 0 0", "text false 0 0"])
    }

    @Test func `a blob of 25 MiB comes back to the byte`() throws {
        let blob = (0..<25 << 20).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ ($0 >> 8)) }
        try insert(.blob(blob))
        #expect(try db.statement("SELECT a FROM t").first { $0.bytes(0) } == blob)
    }

    @Test func `a number that is not there is told from zero`() throws {
        try insert(.null, .integer(0))
        let numbers = try db.statement("SELECT a FROM t ORDER BY number").all { $0.integerOrNil(0) }
        #expect(numbers == [nil, 0])
    }

    @Test func `texts of a UTF-16 database are texts`() throws {
        let other = try Connection(.memory)
        try other.execute("PRAGMA encoding = 'UTF-16le'; CREATE TABLE t (a); INSERT INTO t VALUES ('é𝄞')")
        #expect(try other.prepare("PRAGMA encoding").first { $0.text(0) } == "UTF-16le")
        #expect(try other.prepare("SELECT a FROM t").first { $0.text(0) } == "é𝄞")
    }

    @Test func `as many values as parameters, neither fewer nor more`() throws {
        let sql = "INSERT INTO t VALUES (?, ?)"
        for count in [0, 1, 3] {
            let error = #expect(throws: SQLiteError.self) {
                try db.statement(sql).run(Array(repeating: .null, count: count))
            }
            #expect(error?.code == SQLITE_MISUSE)
            #expect(error?.statement == sql)
            #expect(error?.message == "\(count) values for 2 parameters")
        }
        try db.statement(sql).run([.null, .null])
        #expect(db.changedRows == 1)
    }

    @Test func `text that is not one statement is refused`() throws {
        for sql in ["", "  ", "-- nothing", "DELETE FROM t; DELETE FROM t", "DELETE FROM t; -- more"] {
            let error = #expect(throws: SQLiteError.self) { try db.prepare(sql) }
            #expect(error?.message == "not one statement", "\(sql)")
        }
        _ = try db.prepare("DELETE FROM t;\n")
    }

    @Test func `an error has its code, its message and its statement, and the statement is of use again`() throws {
        let missing = #expect(throws: SQLiteError.self) { try db.statement("SELECT a FROM nowhere") }
        #expect(
            missing?.description
                == "SQLite error 1: no such table: nowhere - while executing `SELECT a FROM nowhere`")
        let insert = try db.statement("INSERT INTO t VALUES (?, ?)")
        try insert.run([.integer(1), .blob([1])])
        let twice = #expect(throws: SQLiteError.self) { try insert.run([.integer(1), .blob([2])]) }
        #expect(twice?.code == 1_555, "SQLITE_CONSTRAINT_PRIMARYKEY")
        #expect(twice?.primaryCode == SQLITE_CONSTRAINT)
        #expect(twice?.statement == "INSERT INTO t VALUES (?, ?)")
        try insert.run([.integer(2), .blob([3])])
        #expect(try db.statement("SELECT a FROM t ORDER BY number").all { $0.bytes(0) } == [[1], [3]])
    }

    @Test func `a value that is longer than SQLite takes is refused`() throws {
        let limit = 1_000
        let connection = try Connection(.memory)
        let insert = try connection.prepare("SELECT zeroblob(?)")
        let error = #expect(throws: SQLiteError.self) { try insert.run([.integer(Int64.max)]) }
        #expect(error?.primaryCode == SQLITE_TOOBIG)
        #expect(try insert.first([.integer(Int64(limit))]) { $0.bytes(0).count } == limit)
    }

    @Test func `a statement runs within its own rows`() throws {
        try insert(.integer(1), .integer(2), .integer(3))
        let sql = "SELECT a FROM t WHERE a <> ? ORDER BY number"
        let held = try db.statement(sql)
        for again in [{ held }, { try db.statement(sql) }] {
            var seen: [[Int64]] = []
            try held.rows([.integer(0)]) { outer in
                try again().rows([outer.type(0) == .integer ? .integer(outer.integer(0)) : .null]) { middle in
                    try again().rows([.integer(middle.integer(0))]) { inner in
                        seen.append([outer.integer(0), middle.integer(0), inner.integer(0)])
                        return true
                    }
                    return true
                }
                return true
            }
            let numbers: [Int64] = [1, 2, 3]
            let expected = numbers.flatMap { one in
                numbers.filter { $0 != one }.flatMap { two in
                    numbers.filter { $0 != two }.map { [one, two, $0] }
                }
            }
            #expect(seen == expected)
        }
    }

    @Test func `rows end where the closure wants no more, or throws`() throws {
        struct Stop: Error {}
        try insert(.integer(1), .integer(2), .integer(3))
        let statement = try db.statement("SELECT a FROM t ORDER BY number")
        var seen: [Int64] = []
        try statement.rows { row in
            seen.append(row.integer(0))
            return seen.count < 2
        }
        #expect(seen == [1, 2])
        #expect(throws: Stop.self) { try statement.rows { _ in throw Stop() } }
        #expect(try statement.all { $0.integer(0) } == [1, 2, 3])
        #expect(try db.statement("SELECT a FROM t WHERE a > 5").first { $0.integer(0) } == nil)
    }
}
