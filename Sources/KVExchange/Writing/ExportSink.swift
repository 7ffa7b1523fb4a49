package import KVTransfer

/// Writes records in another format.
///
/// Memory is a batch of records, unless a sink says otherwise.
package protocol ExportSink: AnyObject {
    /// Writes a batch; keys come in ascending order.
    ///
    /// - Returns: The records that the format cannot carry, with the reason.
    func write(_ lines: [RecordLine]) async throws -> [Hole]

    /// Makes what was written visible under its name, whole and durable.
    func finish() async throws

    /// Removes what was not finished, as far as it is nobody else's.
    func abandon() async
}

/// What an export did.
package struct ExportReport: Hashable, Sendable {
    /// Records written.
    package var written = 0
    /// Records that the format cannot carry.
    package var leftOut = 0

    package init(written: Int = 0, leftOut: Int = 0) {
        self.written = written
        self.leftOut = leftOut
    }
}

/// Writes all records of a source into a sink.
///
/// - Parameters:
///   - source: Where the records come from.
///   - sink: Where they go; finished on success, abandoned on an error.
///   - onLeftOut: Told each record that the format cannot carry, as soon as it is known.
/// - Returns: The counts.
/// - Throws: What the source and the sink throw.
package func export(
    _ source: any RecordSource, to sink: any ExportSink, onLeftOut: (Hole) -> Void = { _ in }
) async throws -> ExportReport {
    var report = ExportReport()
    do {
        try await source.forEachBatch { lines in
            let leftOut = try await sink.write(lines)
            for hole in leftOut { onLeftOut(hole) }
            report.written += lines.count - leftOut.count
            report.leftOut += leftOut.count
            try Task.checkCancellation()
        }
        try await sink.finish()
    } catch {
        await sink.abandon()
        throw error
    }
    return report
}
