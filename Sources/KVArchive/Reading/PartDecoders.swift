/// Opens the parts of an archive one after the other, each before the one in front of it is at its end, so that the
/// pipeline does not run dry in between.
struct PartDecoders {
    private let archive: Archive
    private let pipeline: DecodingPipeline
    private var parts: ArraySlice<PartSummary>
    private var current: PartDecoder?
    private var ahead: Result<PartDecoder, any Error>?

    init(of parts: [PartSummary], in archive: Archive, _ pipeline: DecodingPipeline) {
        self.archive = archive
        self.pipeline = pipeline
        self.parts = parts[...]
    }

    /// The next part, or `nil` after the last one.
    ///
    /// - Throws: ``ArchiveError`` when its file is not there or has another size; the vault's errors.
    mutating func next() async throws -> PartDecoder? {
        let opened = ahead
        ahead = nil
        await current?.drain()
        current = nil
        if let opened {
            current = try opened.get()
        } else if let part = parts.popFirst() {
            current = try await archive.decoder(for: part, pipeline.wish, pipeline: pipeline)
        }
        return current
    }

    /// Begins with the next part if all of the current one is on its way; what is wrong with it shows when it is asked for.
    mutating func readAhead() async {
        guard let current, current.isReadToEnd else { return }
        if ahead == nil, let part = parts.popFirst() {
            do {
                ahead = .success(try await archive.decoder(for: part, pipeline.wish, pipeline: pipeline))
            } catch {
                ahead = .failure(error)
            }
        }
        if case .success(let decoder) = ahead { await decoder.readAhead(beside: current.framesAhead) }
    }
}
