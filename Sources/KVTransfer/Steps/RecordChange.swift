/// What is made of the details of every record; values stay as they are.
public struct RecordChange: Hashable, Sendable {
    /// What is made of expirations.
    public enum Expiration: Hashable, Sendable {
        /// They stay.
        case keep
        /// No record expires.
        case strip
        /// Those that there are fall so many seconds later: what had an hour to live has one again.
        case shift(seconds: Int64)
    }

    /// What is made of metadata.
    public enum Metadata: Hashable, Sendable {
        /// It stays.
        case keep
        /// Every record gets this; with `nil`, none.
        case set(KVMetadata?)
    }

    /// What is made of expirations.
    public var expiration = Expiration.keep
    /// What is made of metadata.
    public var metadata = Metadata.keep

    /// No change.
    public init() {}

    /// Whether records stay as they are.
    public var isNone: Bool { expiration == .keep && metadata == .keep }

    func applied(to line: RecordLine) -> RecordLine {
        line.with(key: line.key, metadata: metadata(of: line), expiration: expiration(of: line))
    }

    private func metadata(of line: RecordLine) -> KVMetadata? {
        switch metadata {
        case .keep: line.metadata
        case .set(let metadata): metadata
        }
    }

    private func expiration(of line: RecordLine) -> UnixTime? {
        guard let expiration = line.expiration else { return nil }
        switch self.expiration {
        case .keep: return expiration
        case .strip: return nil
        case .shift(let seconds):
            let (sum, isTooLarge) = expiration.seconds.addingReportingOverflow(seconds)
            return isTooLarge ? expiration : UnixTime(seconds: sum)
        }
    }

    /// The change as a part of an identity; by how much is shifted depends on the time of the run.
    var identity: String {
        var text = ""
        switch expiration {
        case .keep: break
        case .strip: text += " expiration strip"
        case .shift: text += " expiration shift"
        }
        if case .set(let metadata) = metadata {
            text += " metadata \(PercentEncoding.encode(metadata?.json ?? KVMetadata.null))"
        }
        return text
    }
}

/// The records of a source with other details.
struct ChangedRecords: RecordSource {
    let source: any RecordSource
    let change: RecordChange

    var name: String { source.name }
    var holes: [Hole] { source.holes }
    var doubtfulKeys: [KVKey] { source.doubtfulKeys }

    func lookAgain(at keys: [KVKey]) async throws -> (present: [RecordLine], unreadable: [Hole]) {
        let again = try await source.lookAgain(at: keys)
        return (again.present.map(change.applied), again.unreadable)
    }

    func forEachBatch(_ body: ([RecordLine]) async throws -> Void) async throws {
        try await source.forEachBatch { try await body($0.map(change.applied)) }
    }
}
