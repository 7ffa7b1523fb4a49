/// What happens to records between their source and a namespace: some are taken, changed, and renamed, in this order.
public struct RecordSteps: Sendable {
    /// Which are taken, by the names they have in the source.
    public var selection = KeySelection()
    /// How many of these are taken at the most, from the first on.
    public var limit: Int?
    /// What becomes of their details.
    public var change = RecordChange()
    /// What becomes of their names.
    public var renames = PrefixRenames()

    /// None: records stay what they are.
    public init() {}

    /// A source with the steps done.
    ///
    /// A source that is to be renamed is read here, to its end, into temporary files: its order is another one then, and
    /// two keys that would become one are found before anything is written.
    ///
    /// - Parameter source: The records.
    /// - Returns: A source of what becomes of them.
    /// - Throws: ``TransferError`` with `keysCollide` or `keyUnusable`; what the source throws.
    public func source(of source: any ResumableSource) async throws -> any ResumableSource {
        let chosen = source.selecting(selection)
        let stepped = limit == nil && change.isNone ? chosen : SteppedSource(base: chosen, steps: self)
        return renames.isEmpty ? stepped : try await RenamedSource(stepped, renames)
    }
}

/// A source that hands out some of the records of another, or with other details.
struct SteppedSource: ResumableSource {
    let base: any ResumableSource
    /// Whether keys are selected here; a namespace does that itself, before it reads values.
    var selects = false
    let steps: RecordSteps

    private var selection: KeySelection { selects ? steps.selection : KeySelection() }

    var name: String { base.name }
    var holes: [Hole] { records(after: nil).holes }
    var isLive: Bool { base.isLive }
    var isResumable: Bool { steps.limit == nil && base.isResumable }
    var archive: Archive? { base.archive }
    var selected: KeySelection { selects ? base.selected.narrowing(selection) : base.selected }

    var identity: String {
        base.identity + selection.identity + (steps.limit.map { " limit \($0)" } ?? "") + steps.change.identity
    }

    var recordCount: Int? { steps.limit == nil && !selects ? base.recordCount : nil }

    var scope: KVKey? {
        guard steps.limit == nil, selection.isPrefix, let scope = base.scope else { return nil }
        if selection.prefix.hasPrefix(scope) { return selection.prefix }
        return scope.hasPrefix(selection.prefix) ? scope : nil
    }

    func check() async throws { try await base.check() }

    func mayExpire(before moment: UnixTime) -> Bool {
        switch steps.change.expiration {
        case .keep: base.mayExpire(before: moment)
        case .strip: false
        case .shift(let seconds): base.mayExpire(before: UnixTime(seconds: moment.seconds.subtractingBounded(seconds)))
        }
    }

    func records(after key: KVKey?) -> any RecordSource {
        var records = base.records(after: key)
        if selects { records = SelectedRecords(records, selection, after: key) }
        if let limit = steps.limit { records = LimitedRecords(records, limit: limit) }
        return steps.change.isNone ? records : ChangedRecords(source: records, change: steps.change)
    }

    func lookAgain(at keys: [KVKey]) async throws -> (present: [RecordLine], unreadable: [Hole]) {
        let again = try await base.lookAgain(at: keys)
        return (again.present.map(steps.change.applied), again.unreadable)
    }

    func forEachBatch(_ body: ([RecordLine]) async throws -> Void) async throws {
        try await records(after: nil).forEachBatch(body)
    }

    /// Walks the keys that are taken, also those behind the limit.
    func forEachKeyBatch(_ body: ([KVKey]) async throws -> Void) async throws {
        var selector = try KeySelector(selection)
        try await base.forEachKeyBatch { keys in
            let taken = try keys.filter { try selector.takes($0) }
            if !taken.isEmpty { try await body(taken) }
        }
    }
}

extension ResumableSource {
    /// Some of the records: those whose keys are taken.
    public func selecting(_ selection: KeySelection) -> any ResumableSource {
        if selection.isEverything { return self }
        var steps = RecordSteps()
        steps.selection = selection
        return SteppedSource(base: self, selects: true, steps: steps)
    }
}
