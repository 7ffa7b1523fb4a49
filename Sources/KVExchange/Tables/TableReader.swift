import JSONText
import KVTransfer

/// The rows of a table whose first row names the columns.
struct TableReader: RecordReader {
    let input: any ByteInput
    let name: String
    let dialect: TableDialect
    let unit = "line"

    func forEachRecord(_ body: (Int, ReadRecord) throws -> Void) throws {
        var columns: TableColumns?
        func take(_ line: Int, _ row: TableFields) throws {
            if let columns {
                try body(line, ReadRecord { try columns.record(row) })
            } else {
                columns = try TableColumns(row, name: name)
            }
        }
        switch dialect {
        case .csv: try CSVRows(input, name: name).forEachRow(take)
        case .tsv: try Self.forEachTSVRow(input, take)
        }
        if columns == nil { throw ExchangeError(.malformed, "\(name) has no row that names the columns") }
    }

    private static func forEachTSVRow(_ input: any ByteInput, _ body: (Int, TableFields) throws -> Void) throws {
        var lines = LineReader(input)
        var number = 0
        while let line = try lines.next() {
            number += 1
            guard case .text(var text) = line else {
                try body(number, .failure(RecordFault("the line is longer than any record")))
                continue
            }
            // A carriage return of the table's own is escaped; this one belongs to the end of the line.
            if text.last == 0x0D { text.removeLast() }
            if text.isEmpty { continue }
            let fields = text.split(separator: 0x09, omittingEmptySubsequences: false).map(TableDialect.unescaped)
            let row = fields.compactMap { $0 }
            let isWhole = row.count == fields.count
            try body(number, isWhole ? .success(row) : .failure(RecordFault("a backslash has no meaning there")))
        }
    }
}

/// The fields of a row, or why it has none.
typealias TableFields = Result<[[UInt8]], RecordFault>

/// Which field of a row is what.
struct TableColumns {
    private let columns: [TableRow.Column]

    /// Reads the first row: `key` and `value` must be there, in any order, and nothing that is unknown.
    init(_ row: TableFields, name: String) throws {
        let names = try row.get().map { String(decoding: $0, as: UTF8.self) }
        columns = try names.map { text in
            guard let column = TableRow.Column(rawValue: text) else {
                throw ExchangeError(.malformed, "\(name): there is no column \(KVKey(text))")
            }
            return column
        }
        guard Set(columns).count == columns.count, columns.contains(.key), columns.contains(.value) else {
            throw ExchangeError(.malformed, "\(name): the first row does not name key and value, each column once")
        }
    }

    func record(_ row: TableFields) throws -> RecordLine {
        let fields = try row.get()
        guard fields.count == columns.count else {
            throw RecordFault("there are \(fields.count) fields instead of \(columns.count)")
        }
        var record = KVRecord(key: "", value: [])
        var isBase64 = false
        for (column, field) in zip(columns, fields) {
            switch column {
            case .key:
                guard let key = KVKey(utf8: field) else { throw RecordFault("the key is not UTF-8") }
                record.key = key
            case .value: record.value = field
            case .encoding: isBase64 = try Self.isBase64(field)
            case .expiration: record.expiration = try Self.expiration(field)
            case .metadata: record.metadata = field.isEmpty ? nil : try KVMetadata(json: field)
            }
        }
        if isBase64 { record.value = try PairText.decoded(record.value) }
        return try RecordLine(checking: record)
    }

    private static func isBase64(_ field: [UInt8]) throws(RecordFault) -> Bool {
        switch String(decoding: field, as: UTF8.self) {
        case "", "utf8": return false
        case "base64": return true
        case let other: throw RecordFault("there is no encoding \(KVKey(other))")
        }
    }

    private static func expiration(_ field: [UInt8]) throws(RecordFault) -> UnixTime? {
        if field.isEmpty { return nil }
        guard let seconds = Int64(String(decoding: field, as: UTF8.self)) else {
            throw RecordFault("the expiration is not a whole number of seconds")
        }
        return UnixTime(seconds: seconds)
    }
}
