/// What is in the namespace before anything is written to it.
extension ReplayJob {
    /// Makes sure that no record is overwritten that is not the replay's own, unless the caller has said that it may be.
    ///
    /// - Parameter unfinished: Whether an unfinished replay has been here, whose records are to be expected.
    /// - Throws: ``TransferError`` with `targetNotEmpty`; ``KVError``.
    func checkTarget(afterUnfinished unfinished: Bool) async throws {
        guard options.onConflict == .refuse else { return }
        guard unfinished else { return try await target.checkIsEmpty() }
        guard let key = try await firstForeignKey(among: try await target.firstKeys()) else { return }
        throw target.notEmpty("it has key \(key), which is not one of those that are written")
    }

    private var target: TargetNamespace { TargetNamespace(namespace: namespace, client: client) }

    /// The first key that is not one of those that are to be written.
    private func firstForeignKey(among keys: [KVKey]) async throws -> KVKey? {
        if keys.isEmpty { return nil }
        return try await withCursor(over: source) { cursor in
            for key in keys.sorted() {
                while let line = try await cursor.peek(), line.key < key { _ = try await cursor.next() }
                if try await cursor.peek()?.key != key { return key }
            }
            return nil
        }
    }

    /// Whether what an unfinished replay has written is still in the namespace, as far as one key tells.
    ///
    /// If that was written a moment ago, the API may not know it yet. Writing everything again is right then as well.
    func isStillThere(_ checkpoint: ReplayCheckpoint) async throws -> Bool {
        if checkpoint.written == 0 { return true }
        guard let last = checkpoint.lastWritten,
            last.expiration.map({ $0 >= clock() + ExpiryJudge.marginSeconds }) ?? true
        else { return try await !target.firstKeys().isEmpty }
        return try await client.value(of: last.key, in: namespace.id) != nil
    }
}
