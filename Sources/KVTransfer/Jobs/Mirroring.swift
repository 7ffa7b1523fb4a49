/// Finds and deletes the keys that only the target of a mirror has.
///
/// Nothing is deleted that was not counted before the first record was written, nothing outside of the source's scope, and
/// nothing unless the source was walked to its end: a list that fails half-way deletes nothing.
struct Mirroring {
    private static let roundsMaximum = 4

    let source: any ResumableSource
    let scope: KVKey
    let namespace: Namespace
    let client: KVClient

    /// The keys of the target that the source does not have.
    ///
    /// - Throws: ``KVError``; the source's errors; `VaultError` for the temporary file.
    func surplus() async throws -> KeySpool {
        try await keysOnly(in: ListedKeys(client, namespace.id, prefix: scope), unreadable: source.holes)
    }

    /// The keys of a surplus that a live source has not got meanwhile.
    ///
    /// - Parameters:
    ///   - surplus: What was counted before.
    ///   - holes: What could not be read of the source, which is there all the same.
    /// - Returns: The keys.
    /// - Throws: As ``surplus()``.
    func remaining(of surplus: KeySpool, unreadable holes: [Hole]) async throws -> KeySpool {
        guard source.isLive, surplus.count > 0 else { return surplus }
        return try await keysOnly(in: KeySpool.Reader(surplus), unreadable: holes)
    }

    private func keysOnly(in others: some KeyCursor, unreadable holes: [Hole]) async throws -> KeySpool {
        let unreadable = Set(holes.map(\.key))
        var others = others
        var found = try KeySpool.Writer()
        try await source.forEachKeyBatch { keys in
            for key in keys {
                while let other = try await others.peekKey(), other < key {
                    if !unreadable.contains(other) { try found.append(other) }
                    try await others.skipKey()
                }
                if try await others.peekKey() == key { try await others.skipKey() }
            }
        }
        while let other = try await others.peekKey() {
            if !unreadable.contains(other) { try found.append(other) }
            try await others.skipKey()
        }
        return try found.finish()
    }

    /// Deletes keys, as many in one request as the API takes.
    ///
    /// - Parameters:
    ///   - keys: The keys.
    ///   - stop: Ends it early.
    ///   - body: Told after each request how many keys it deleted, and which it did not.
    /// - Returns: Whether all keys were dealt with.
    /// - Throws: ``KVError``; `VaultError`; what the body throws.
    func delete(
        _ keys: KeySpool, until stop: StopRequest?, _ body: (Int, [Hole]) async throws -> Void
    ) async throws -> Bool {
        var reader = KeySpool.Reader(keys)
        var refusals = SinkState()
        var batch: [KVKey] = []
        while let key = try reader.next() {
            if batch.isEmpty, stop?.isRequested == true { return false }
            batch.append(key)
            guard batch.count == KVLimits.bulkDeleteKeys else { continue }
            try await delete(batch, &refusals, body)
            batch = []
        }
        if !batch.isEmpty { try await delete(batch, &refusals, body) }
        return true
    }

    private func delete(
        _ batch: [KVKey], _ refusals: inout SinkState, _ body: (Int, [Hole]) async throws -> Void
    ) async throws {
        let odd = batch.compactMap { key in key.problem.map { Hole(key: key, reason: $0.description) } }
        if !odd.isEmpty { try await body(0, odd) }
        var pieces = [batch.filter { $0.problem == nil }]
        while let piece = pieces.popLast() {
            if piece.isEmpty { continue }
            do {
                let left = try await deleteTogether(piece)
                refusals.noteSuccess()
                try await body(piece.count - left.count, left.map { Hole(key: $0, reason: Self.notCounted) })
            } catch let error as KVError where error.concernsRecords {
                // The API refuses a request whole for one of its keys; halving finds it.
                if piece.count > 1 {
                    pieces += [Array(piece[(piece.count / 2)...]), Array(piece[..<(piece.count / 2)])]
                    continue
                }
                // So many that are refused say that the trouble is not theirs.
                guard refusals.canRefuse(isUnspecific: error.code == .refused) else { throw error }
                try await body(0, [Hole(key: piece[0], reason: error.description)])
            }
        }
    }

    private static let notCounted =
        "the API does not count it among those it has deleted, however often it was asked to"

    /// Deletes keys with one request, and again those that the API says it did not delete; what is left.
    private func deleteTogether(_ keys: [KVKey]) async throws -> [KVKey] {
        var left = keys
        for round in 1...Self.roundsMaximum {
            let unsuccessful = try await client.bulkDelete(left, in: namespace.id).unsuccessfulKeys(of: left)
            left = left.filter { unsuccessful.contains($0) }
            if left.isEmpty { break }
            if round < Self.roundsMaximum {
                try await Task.sleep(for: client.options.retryPolicy.pause(afterRound: round))
            }
        }
        return left
    }
}

/// Hands over keys in ascending order.
protocol KeyCursor {
    /// The key the cursor stands on, or `nil` at the end.
    mutating func peekKey() async throws -> KVKey?

    /// Moves on to the next key.
    mutating func skipKey() async throws
}

extension ListedKeys: KeyCursor {
    mutating func peekKey() async throws -> KVKey? { try await peek()?.listed.key }
    mutating func skipKey() async throws { _ = try await next() }
}

extension KeySpool.Reader: KeyCursor {
    mutating func peekKey() async throws -> KVKey? { try peek() }
    mutating func skipKey() async throws { _ = try next() }
}
