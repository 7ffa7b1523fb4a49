import Synchronization

/// What a namespace holds after a second look at its list: the records of a first walk, without those whose keys have gone,
/// with those that have appeared, and with those read again whose metadata or expiration is another one now.
///
/// A value that was written again with the same metadata and expiration cannot be told from one that was not: the list
/// does not show values.
final class SettledSource: Sendable {
    /// The most bytes of records that a batch takes over from the first walk.
    private static let batchBytes = 4 << 20

    let staged: Archive
    let namespace: NamespaceSource
    let tally = ReadTally()
    private let findingsState: Mutex<ReadStatistics.Settled>
    private let clock: @Sendable () -> UnixTime

    init(staged: Archive, namespace: NamespaceSource, clock: @escaping @Sendable () -> UnixTime) {
        self.staged = staged
        self.namespace = namespace
        self.clock = clock
        findingsState = Mutex(ReadStatistics.Settled(startedAt: clock(), finishedAt: clock()))
    }

    /// What the second look has found.
    var findings: ReadStatistics.Settled { findingsState.withLock { $0 } }

    /// Records to keep and keys to read, in order and in one batch.
    private struct Batch: Sendable {
        var kept: [RecordLine] = []
        var keptBytes = 0
        var toRead = KeyBatch()
        /// Bytes of the values to be read, as far as they are known.
        var expectedBytes = 0

        /// What the batch takes of memory, as far as that is known.
        var knownBytes: Int { keptBytes + expectedBytes }
        var isEmpty: Bool { kept.isEmpty && toRead.keys.isEmpty }
        var isFull: Bool {
            toRead.keys.count >= KVLimits.bulkGetKeys || keptBytes >= SettledSource.batchBytes
                || expectedBytes >= ReadPlan.targetBytes
        }
    }

    /// Walks the list and hands out the records.
    ///
    /// - Returns: Whether the end of the list was reached.
    func forEachSettledBatch(
        stop: StopRequest?, _ body: ([RecordLine]) async throws -> Void
    ) async throws -> Bool {
        try await namespace.withListedKeys { keys in
            try await forEachSettledBatch(of: keys, stop: stop, body)
        }
    }

    private func forEachSettledBatch(
        of listed: ListedKeys, stop: StopRequest?, _ body: ([RecordLine]) async throws -> Void
    ) async throws -> Bool {
        let options = namespace.options
        let planner = ReadPlanner(widths: options.concurrency)
        let reader = BatchReader(
            client: namespace.client, namespace: namespace.namespace.id, planner: planner, isExact: options.isExact)
        var selector = try KeySelector(options.selection)
        var keys = listed
        var isAtEnd = false
        try await withCursor(over: ArchiveRecordSource(staged)) { cursor in
            // A cursor is lent by reference and cannot be captured; a copy serves, because only this task moves it.
            var cursor = cursor
            try await forEachInOrder(width: planner.width(consumed:)) {
                if stop?.isRequested == true { return nil }
                let batch = try await nextBatch(&keys, &selector, &cursor)
                isAtEnd = batch == nil
                planner.hold(batch?.knownBytes ?? 0)
                return batch
            } transform: { (batch: Batch) in
                (batch: batch, read: try await reader.read(batch.toRead))
            } consume: { (batch: Batch, first: ReadBatch) in
                defer { planner.release(batch.knownBytes) }
                var kept = batch.kept[...]
                try await reader.finish(first) { read in
                    tally.add(read.counts)
                    // What stands behind the keys that are still to be read comes with them.
                    let next = read.rest?.keys.first?.listed.key
                    let before = kept.prefix { line in next.map { line.key < $0 } ?? true }
                    kept = kept.dropFirst(before.count)
                    let lines = Self.merged(Array(before), read.lines)
                    if !lines.isEmpty { try await body(lines) }
                }
            }
        }
        tally.add(keys.takeCounts())
        findingsState.withLock { $0.finishedAt = clock() }
        return isAtEnd
    }

    private func nextBatch(
        _ keys: inout ListedKeys, _ selector: inout KeySelector, _ cursor: inout RecordCursor
    ) async throws -> Batch? {
        var batch = Batch()
        while !batch.isFull, let listed = try await keys.next()?.listed {
            guard try selector.takes(listed.key) else { continue }
            while let line = try await cursor.peek(), line.key < listed.key {
                _ = try await cursor.next()
                findingsState.withLock { $0.gone += 1 }
            }
            guard let line = try await cursor.peek(), line.key == listed.key else {
                findingsState.withLock { $0.appeared += 1 }
                batch.toRead.keys.append(PlannedKey(listed: listed, hint: nil))
                continue
            }
            _ = try await cursor.next()
            if line.expiration == listed.expiration, line.metadata == listed.metadata {
                batch.kept.append(line)
                batch.keptBytes += line.text.count
            } else {
                findingsState.withLock { $0.changed += 1 }
                let hint = ValueHint(isText: !line.isBase64, bytes: line.valueBytes)
                batch.expectedBytes += line.valueBytes
                batch.toRead.keys.append(PlannedKey(listed: listed, hint: hint))
            }
        }
        if !batch.isEmpty {
            batch.toRead.counts = keys.takeCounts()
            return batch
        }
        while try await cursor.next() != nil { findingsState.withLock { $0.gone += 1 } }
        return nil
    }

    /// Two sorted lists without a key in common, as one.
    private static func merged(_ one: [RecordLine], _ other: [RecordLine]) -> [RecordLine] {
        if other.isEmpty { return one }
        return (one + other).sorted { $0.key < $1.key }
    }
}
