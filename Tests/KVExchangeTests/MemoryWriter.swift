import KVExchange
import KVTransfer

/// A file in memory.
final class MemoryWriter: VaultWriter {
    private(set) var bytes: [UInt8] = []

    var text: String { String(decoding: bytes, as: UTF8.self) }

    func write(_ bytes: [UInt8]) async throws { self.bytes += bytes }
    func publish() async throws {}
    func abandon() async { bytes = [] }

    /// Writes records in a format that is a stream.
    func export(
        _ records: [KVRecord], as format: ExportFormat, chunkRecords: Int = KVLimits.bulkWritePairs
    ) async throws -> ExportReport {
        guard let sink = format.streamSink(to: self, chunkRecords: chunkRecords) else {
            preconditionFailure("\(format) is no stream")
        }
        return try await KVExchange.export(MemorySource(records), to: sink)
    }
}
