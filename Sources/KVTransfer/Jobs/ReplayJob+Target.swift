/// What is in the namespace before anything is written to it.
extension ReplayJob {
    /// Makes sure that no record is overwritten that is not the replay's own, unless the caller has said that it may be.
    ///
    /// - Parameters:
    ///   - unfinished: How far an unfinished replay was that has been here, whose records are to be expected.
    ///   - goesOn: Whether it is gone on from, so that only what follows its last key is written.
    /// - Throws: ``TransferError`` with `targetNotEmpty`; ``KVError``.
    func checkTarget(after unfinished: ReplayCheckpoint?, goesOn: Bool = false) async throws {
        guard options.onConflict == .refuse else { return }
        guard let unfinished else { return try await target.checkIsEmpty() }
        var keys = try await target.firstKeys()
        if source.isLive, goesOn, let last = unfinished.lastKey {
            // What a live source had when it was copied, it need not have any more.
            keys.removeAll { $0 <= KVKey(last) }
        }
        guard let key = try await firstForeignKey(among: keys) else { return }
        throw target.notEmpty("it has key \(key), which is not one of those that are written")
    }

    private var target: TargetNamespace { TargetNamespace(namespace: namespace, client: client) }

    /// Ends a walk that has shown enough.
    private struct EnoughKeys: Error {}

    /// The first key that is not one of those that are to be written.
    private func firstForeignKey(among keys: [KVKey]) async throws -> KVKey? {
        var left = keys.sorted()[...]
        if left.isEmpty { return nil }
        do {
            try await source.forEachKeyBatch { batch in
                for key in batch {
                    guard let first = left.first, key <= first else { throw EnoughKeys() }
                    if key == first { left.removeFirst() }
                }
            }
        } catch is EnoughKeys {}
        return left.first
    }

    /// Whether what an unfinished replay has written is still in the namespace, as far as one key tells.
    ///
    /// If that was written a moment ago, the API may not know it yet. Writing everything again is right then as well.
    func isStillThere(_ checkpoint: ReplayCheckpoint) async throws -> Bool {
        if checkpoint.written + checkpoint.kept + checkpoint.unchanged == 0 { return true }
        guard let last = checkpoint.lastWritten,
            last.expiration.map({ $0 >= clock() + ExpiryJudge.marginSeconds }) ?? true
        else { return try await !target.firstKeys().isEmpty }
        return try await client.value(of: last.key, in: namespace.id) != nil
    }
}
