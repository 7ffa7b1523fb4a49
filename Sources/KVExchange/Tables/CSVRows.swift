import KVTransfer

/// Cuts CSV into rows and fields, as RFC 4180 has it; lines may end with LF or CR LF.
///
/// Holds one row, up to twice the length of the longest record.
struct CSVRows {
    private static let rowBytesMaximum = 2 * RecordLine.bytesMaximum

    private let input: any ByteInput
    private let name: String

    init(_ input: any ByteInput, name: String) {
        self.input = input
        self.name = name
    }

    /// Walks the rows, each with the number of the line it starts on; empty lines are passed over.
    func forEachRow(_ body: (Int, TableFields) throws -> Void) throws {
        var row = Row()
        while true {
            let chunk = try input.next()
            if chunk.isEmpty { break }
            for byte in chunk where row.takes(byte) {
                try row.finish(body)
            }
            guard row.bytes <= Self.rowBytesMaximum else {
                throw ExchangeError(
                    .malformed, "\(name), line \(row.firstLine): the row is longer than any record; a quote has no end")
            }
        }
        guard !row.isInQuotes else {
            throw ExchangeError(.malformed, "\(name), line \(row.firstLine): a quote has no end")
        }
        try row.finish(body)
    }

    /// The row that is being read.
    private struct Row {
        private enum State { case atStart, bare, inQuotes, afterQuote }

        private var fields: [[UInt8]] = []
        private var field: [UInt8] = []
        private var state = State.atStart
        private var problem: String?
        private var line = 1
        private(set) var firstLine = 1
        private(set) var bytes = 0

        var isInQuotes: Bool { state == .inQuotes }

        /// Takes a byte; whether it ends the row.
        mutating func takes(_ byte: UInt8) -> Bool {
            bytes += 1
            if byte == 0x0A { line += 1 }
            switch (state, byte) {
            case (.inQuotes, 0x22): state = .afterQuote
            case (.inQuotes, _): field.append(byte)
            case (.afterQuote, 0x22):
                field.append(byte)
                state = .inQuotes
            case (_, 0x2C): endField()
            case (_, 0x0A): return true
            case (.atStart, 0x22): state = .inQuotes
            case (.afterQuote, 0x0D): break
            case (.afterQuote, _): problem = "something stands between a closing quote and the comma"
            default:
                if byte == 0x22 { problem = "a quote stands inside a field that is not quoted" }
                state = .bare
                field.append(byte)
            }
            return false
        }

        private mutating func endField() {
            fields.append(field)
            field = []
            state = .atStart
        }

        /// Hands the row out.
        mutating func finish(_ body: (Int, TableFields) throws -> Void) throws {
            // The carriage return of CR LF; one of the field's own stands in quotes.
            if state == .bare, field.last == 0x0D { field.removeLast() }
            let isEmpty = fields.isEmpty && field.isEmpty && state != .afterQuote
            endField()
            if !isEmpty { try body(firstLine, problem.map { .failure(RecordFault($0)) } ?? .success(fields)) }
            fields = []
            problem = nil
            bytes = 0
            firstLine = line
        }
    }
}
