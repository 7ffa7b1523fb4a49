import JSONText
import KVTransfer

/// A record as the fields of a table's row.
enum TableRow {
    /// The columns, in the order in which they are written.
    enum Column: String, CaseIterable {
        case key, value, encoding, expiration, metadata
    }

    /// The fields of a record.
    ///
    /// A value stands in base64 if it is not UTF-8, and also if it holds a NUL, which ends a text for many programs.
    static func fields(of line: RecordLine) -> [[UInt8]] {
        let value = line.value
        let isBase64 = line.isBase64 || value.contains(0)
        return [
            line.key.utf8, isBase64 ? Base64Text.encode(value) : value, Array((isBase64 ? "base64" : "utf8").utf8),
            line.expiration.map { Array(String($0.seconds).utf8) } ?? [], line.metadata?.json ?? [],
        ]
    }
}
