/// How the fields of a table's row are written.
///
/// Every text goes through: what would end a field or a row is quoted (CSV) or escaped (TSV).
enum TableDialect: Sendable {
    /// RFC 4180 with line feeds: fields with a comma, quote, carriage return or line feed stand in quotes, and quotes in
    /// them are doubled.
    case csv
    /// Tabs between fields; `\t`, `\n`, `\r` and `\\` stand for what they do in C.
    case tsv

    /// Appends a row with its line feed.
    func append(_ fields: [[UInt8]], to out: inout [UInt8]) {
        for (index, field) in fields.enumerated() {
            if index > 0 { out.append(self == .csv ? 0x2C : 0x09) }
            switch self {
            case .csv: Self.appendQuoted(field, to: &out)
            case .tsv: Self.appendEscaped(field, to: &out)
            }
        }
        out.append(0x0A)
    }

    private static func appendQuoted(_ field: [UInt8], to out: inout [UInt8]) {
        // Some readers strip white space around a field that has no quotes.
        let isBare = !field.contains { $0 == 0x22 || $0 == 0x2C || $0 == 0x0A || $0 == 0x0D } && field.first != 0x20
        if isBare && field.last != 0x20 {
            out += field
            return
        }
        out.append(0x22)
        for byte in field {
            if byte == 0x22 { out.append(byte) }
            out.append(byte)
        }
        out.append(0x22)
    }

    private static func appendEscaped(_ field: [UInt8], to out: inout [UInt8]) {
        for byte in field {
            switch byte {
            case 0x09: out += [0x5C, 0x74]
            case 0x0A: out += [0x5C, 0x6E]
            case 0x0D: out += [0x5C, 0x72]
            case 0x5C: out += [0x5C, 0x5C]
            default: out.append(byte)
            }
        }
    }

    /// The text of an escaped field, or `nil` if it has an escape that there is not.
    static func unescaped(_ field: ArraySlice<UInt8>) -> [UInt8]? {
        guard field.contains(0x5C) else { return Array(field) }
        var out: [UInt8] = []
        out.reserveCapacity(field.count)
        var rest = field
        while let byte = rest.popFirst() {
            guard byte == 0x5C else {
                out.append(byte)
                continue
            }
            switch rest.popFirst() {
            case 0x74: out.append(0x09)
            case 0x6E: out.append(0x0A)
            case 0x72: out.append(0x0D)
            case 0x5C: out.append(0x5C)
            default: return nil
            }
        }
        return out
    }
}
