/// A source that can be walked again, and from any key on: a job that replays it can go on after an interruption.
public protocol ResumableSource: RecordSource {
    /// What the records are, for a checkpoint: a job goes on only with a source of the same identity.
    var identity: String { get }

    /// How many records there are, if that is known.
    var recordCount: Int? { get }

    /// What all keys of the source start with; `nil` when it was asked for keys that it cannot have.
    ///
    /// Outside of it, that a key is not in the source says nothing, and a mirror deletes nothing.
    var scope: KVKey? { get }

    /// Whether the records may be others when they are walked again.
    var isLive: Bool { get }

    /// Whether what follows a key is the same after a walk from there on as after a walk from the start.
    ///
    /// It is not where the number of records is limited: then a replay that was interrupted begins anew.
    var isResumable: Bool { get }

    /// Keys among which all keys of the source are: what of a namespace need be looked at to compare the two.
    var selected: KeySelection { get }

    /// The source as an archive, if it is one: what a namespace that is compared with it probably holds.
    var archive: Archive? { get }

    /// Makes sure, before the first record is written anywhere, that the source can be read to its end.
    ///
    /// - Throws: ``TransferError`` when it cannot; the source's own errors.
    func check() async throws

    /// Whether there may be a record that expires before a moment; `true` where only walking the records would tell.
    func mayExpire(before moment: UnixTime) -> Bool

    /// Some of the records: those whose keys are taken.
    func selecting(_ selection: KeySelection) -> any ResumableSource

    /// The records that follow a key, or all of them, as a source that knows nothing of other walks.
    func records(after key: KVKey?) -> any RecordSource

    /// Walks the keys alone, of records that can be read and of others, in ascending order.
    ///
    /// When the method returns, the body has seen all keys; when it throws, it has not.
    ///
    /// - Throws: What the body throws, and the source's own errors.
    func forEachKeyBatch(_ body: ([KVKey]) async throws -> Void) async throws
}

extension ResumableSource {
    /// All keys.
    public var scope: KVKey? { "" }

    /// The records stay as they are.
    public var isLive: Bool { false }

    /// It can be gone on from any key.
    public var isResumable: Bool { true }

    /// The keys of the scope.
    public var selected: KeySelection {
        var selected = KeySelection()
        selected.prefix = scope ?? ""
        return selected
    }

    /// None.
    public var archive: Archive? { nil }

    /// There is nothing to be checked.
    public func check() async throws {}

    /// Only walking the records would tell.
    public func mayExpire(before moment: UnixTime) -> Bool { true }

    /// Walks the records for their keys.
    public func forEachKeyBatch(_ body: ([KVKey]) async throws -> Void) async throws {
        try await forEachBatch { try await body($0.map(\.key)) }
    }
}
