import Foundation

/// The members of two objects as one.
struct JoinedJSON<First: Encodable, Second: Encodable>: Encodable {
    private let first: First
    private let second: Second

    init(_ first: First, _ second: Second) {
        self.first = first
        self.second = second
    }

    func encode(to encoder: any Encoder) throws {
        try first.encode(to: encoder)
        try second.encode(to: encoder)
    }
}

/// Machine-readable results: one JSON object on one line of standard output.
enum JSONOutput {
    /// Writes a report.
    static func write(_ report: some Encodable) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .iso8601
        try StandardOutput.write(Array(try encoder.encode(report)) + [0x0A])
    }
}
