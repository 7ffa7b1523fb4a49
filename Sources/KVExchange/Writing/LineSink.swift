import JSONText
package import KVTransfer

/// Writes something of each record as a line.
package final class LineSink: ExportSink {
    /// What a line holds.
    package enum Content: Sendable {
        /// The record line of an archive.
        case record
        /// The key as a JSON string in canonical notation: the one form in which any key stays on one line and none
        /// looks like another.
        case key
    }

    private let writer: any VaultWriter
    private let content: Content

    package init(_ writer: any VaultWriter, _ content: Content = .record) {
        self.writer = writer
        self.content = content
    }

    /// Starts to write keys into a file that is not there yet.
    package static func keys(toPath path: String) async throws -> LineSink {
        LineSink(try await NewOutput.file(at: path), .key)
    }

    package func write(_ lines: [RecordLine]) async throws -> [Hole] {
        var bytes: [UInt8] = []
        for line in lines {
            switch content {
            case .record: bytes += line.text
            case .key: JSONString.append(line.key.utf8, to: &bytes)
            }
            bytes.append(0x0A)
        }
        try await writer.write(bytes)
        return []
    }

    package func finish() async throws { try await writer.publish() }

    package func abandon() async { await writer.abandon() }
}
