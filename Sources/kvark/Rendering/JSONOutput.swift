import Foundation

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
