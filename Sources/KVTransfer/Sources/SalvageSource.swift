public import KVArchive
import Synchronization

/// The records that can be read of a damaged archive.
public final class SalvageSource: RecordSource {
    private let salvage: ArchiveSalvage
    private let path: String
    private let prefix: KVKey
    private let found = Mutex<SalvageReport?>(nil)

    /// A source for an archive that may be damaged.
    ///
    /// - Parameters:
    ///   - salvage: The archive.
    ///   - path: Where it is, for messages.
    ///   - prefix: What keys must start with to be handed out.
    public init(_ salvage: ArchiveSalvage, path: String, prefix: KVKey = "") {
        self.salvage = salvage
        self.path = path
        self.prefix = prefix
    }

    /// What was read and what was lost; `nil` before the walk has come to its end.
    public var report: SalvageReport? { found.withLock { $0 } }
    /// The archive's place.
    public var name: String { "what is left of archive \(path)" }
    /// None: what is lost is not known by its keys.
    public var holes: [Hole] { [] }

    /// Walks what is whole.
    public func forEachBatch(_ body: ([RecordLine]) async throws -> Void) async throws {
        let report = try await salvage.run { lines in
            let wanted = prefix.utf8.isEmpty ? lines : lines.filter { $0.key.hasPrefix(prefix) }
            if !wanted.isEmpty { try await body(wanted) }
        }
        found.withLock { $0 = report }
    }
}
