/// Hands over the lines of a source that are to be written, and passes over those that the target need not be sent.
struct SelectingCursor: LineCursor {
    /// A key that was passed over.
    struct Passed: Sendable {
        /// Why it need not be sent.
        enum Reason { case kept, unchanged }

        var key: KVKey
        var expiration: UnixTime?
        var reason: Reason
    }

    /// After so many keys that are passed over, the cursor pauses: what they come to can be written down.
    private static let passedMaximum = 10_000
    /// With lines to be written among them it goes on for longer: better one request than several small ones.
    private static let passedWithLinesMaximum = 100_000

    private var source: RecordCursor
    private var target: TargetCursor
    private var passed: [Passed] = []
    private var hasHandedOut = false

    /// A cursor over a source, beside one over what the target has.
    init(_ source: RecordCursor, target: TargetCursor) {
        self.source = source
        self.target = target
    }

    /// The next line to be written; `nil` at the end, and when enough keys were passed over.
    mutating func peek() async throws -> RecordLine? {
        let maximum = hasHandedOut ? Self.passedWithLinesMaximum : Self.passedMaximum
        while passed.count < maximum, let line = try await source.peek() {
            guard let reason = try await target.reason(toPass: line) else { return line }
            passed.append(Passed(key: line.key, expiration: line.expiration, reason: reason))
            _ = try await source.next()
        }
        return nil
    }

    mutating func next() async throws -> RecordLine? {
        guard try await peek() != nil else { return nil }
        hasHandedOut = true
        return try await source.next()
    }

    /// Whether nothing is left, neither to be written nor to be passed over.
    mutating func isAtEnd() async throws -> Bool { try await source.peek() == nil && passed.isEmpty }

    /// The keys that were passed over since the last time.
    mutating func takePassed() -> [Passed] {
        defer {
            passed = []
            hasHandedOut = false
        }
        return passed
    }
}

/// What the target of a replay has, walked beside the source.
struct TargetCursor {
    /// Keys that the target has are kept.
    private var keys: ListedKeys?
    /// Records that the target has are not written again.
    private var records: RecordCursor?

    /// A target of which it does not matter what it has.
    init() {}

    /// A target that keeps the keys it has.
    init(keeping keys: ListedKeys) { self.keys = keys }

    /// A target that is not sent the records it has.
    init(comparing records: RecordCursor) { self.records = records }

    /// Why a line need not be written; lines are asked for in ascending order, one of them as often as one likes.
    mutating func reason(toPass line: RecordLine) async throws -> SelectingCursor.Passed.Reason? {
        while let key = try await keys?.peek()?.listed.key, key < line.key { _ = try await keys?.next() }
        if try await keys?.peek()?.listed.key == line.key { return .kept }
        while let other = try await records?.peek(), other.key < line.key { _ = try await records?.next() }
        return try await records?.peek() == line ? .unchanged : nil
    }
}
