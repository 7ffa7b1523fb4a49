/// How two records of the same key, or a record and its absence, differ.
public enum Difference: Sendable {
    /// Only the first source has the key.
    case onlyInFirst(RecordLine)
    /// Only the second source has the key.
    case onlyInSecond(RecordLine)
    /// Both have the key, with different contents.
    case changed(first: RecordLine, second: RecordLine)
    /// Both have the same record.
    case same(RecordLine)

    /// The key.
    public var key: KVKey {
        switch self {
        case .onlyInFirst(let line), .onlyInSecond(let line), .same(let line), .changed(let line, _): line.key
        }
    }

    /// What differs between two records of the same key: `value`, `metadata`, `expiration`.
    public var aspects: [String] {
        guard case .changed(let first, let second) = self else { return [] }
        var aspects: [String] = []
        if first.value != second.value { aspects.append("value") }
        if first.metadata != second.metadata { aspects.append("metadata") }
        if first.expiration != second.expiration { aspects.append("expiration") }
        return aspects
    }
}

/// Walks two sorted sources side by side, in constant memory, and pairs their records by key.
///
/// - Parameters:
///   - first: A source.
///   - second: The source to compare it with.
///   - body: Called once for each key that either source has, in ascending order.
/// - Throws: What the sources and the body throw.
func mergeJoin(
    _ first: any RecordSource, _ second: any RecordSource, _ body: (Difference) async throws -> Void
) async throws {
    try await withCursor(over: first) { one in
        // A cursor is lent by reference and cannot be captured; a copy serves, because only this task moves it.
        var one = one
        try await withCursor(over: second) { two in
            while let difference = try await nextDifference(&one, &two) { try await body(difference) }
        }
    }
}

private func nextDifference(
    _ first: inout RecordCursor, _ second: inout RecordCursor
) async throws -> Difference? {
    let one = try await first.peek()
    let two = try await second.peek()
    switch (one, two) {
    case (nil, nil): return nil
    case (let one?, nil):
        _ = try await first.next()
        return .onlyInFirst(one)
    case (nil, let two?):
        _ = try await second.next()
        return .onlyInSecond(two)
    case (let one?, let two?):
        if one.key < two.key {
            _ = try await first.next()
            return .onlyInFirst(one)
        }
        if two.key < one.key {
            _ = try await second.next()
            return .onlyInSecond(two)
        }
        _ = try await first.next()
        _ = try await second.next()
        return one == two ? .same(one) : .changed(first: one, second: two)
    }
}
