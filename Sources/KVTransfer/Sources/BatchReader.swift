import Glibc
import JSONText

/// Reads a batch of listed keys, with one bulk get where that works and with as few more requests as possible where it
/// does not.
///
/// Three things an API may do with a value that is not text, and what is done about each: refuse the whole bulk get (the
/// first such key is found by bisection and read alone, the rest is asked for again); put U+FFFD where bytes are not
/// UTF-8 (a value with U+FFFD is read again as bytes); leave the key out or call it null (the key is read alone).
struct BatchReader: Sendable {
    let client: KVClient
    let namespace: NamespaceID
    let planner: ReadPlanner
    /// Whether every value is read alone.
    let isExact: Bool

    /// How often a key is read that the API fails on while it answers for others, each time with all the client's attempts.
    static let roundsMaximum = 3

    /// A key with its place in the batch.
    typealias Item = (index: Int, key: PlannedKey)

    /// The records of the keys, in the same order, without those that are gone or unreadable.
    ///
    /// Not all keys may be read, see ``ReadBatch/rest``, but at least one.
    func read(_ batch: KeyBatch) async throws -> ReadBatch {
        planner.isReading(true)
        defer { planner.isReading(false) }
        var progress = BatchProgress(batch)
        var inBulk: [Item] = []
        var alone: [Item] = []
        for (index, key) in batch.keys.enumerated() {
            if let problem = key.listed.key.problem {
                progress.set(.unreadable(Hole(key: key.listed.key, reason: problem.description)), at: index)
            } else if isExact || key.hint?.isText == false {
                alone.append((index, key))
            } else {
                inBulk.append((index, key))
            }
        }
        try await readInBulk(inBulk[...], &progress)
        try await readEachAlone(alone[...], &progress)
        return progress.result(now: client.options.clock.unixNow())
    }

    /// Hands over what was read of a batch, and reads the rest of it, if there is one, in as many steps as that takes.
    func finish(_ first: ReadBatch, _ body: (ReadBatch) async throws -> Void) async throws {
        var batch = first
        while true {
            try await body(batch)
            guard let rest = batch.rest else { return }
            batch = try await read(rest)
        }
    }

    /// Makes a request, and lets the window learn how long its answer took.
    func timed<Answer>(_ request: () async throws -> Answer) async throws -> Answer {
        let start = client.options.clock.now()
        let answer = try await request()
        planner.observe(seconds: client.options.clock.now() - start, isLimited: client.isLimited)
        return answer
    }

    // MARK: Many at once

    private func readInBulk(_ items: ArraySlice<Item>, _ progress: inout BatchProgress) async throws {
        var rest = items
        while let first = rest.first, !progress.isFull(before: first.index) {
            if planner.readsAlone {
                // No more than it takes to learn that a series of such values has ended.
                let group = rest.prefix(planner.widthInBatch)
                try await readEachAlone(group, &progress)
                rest = rest.dropFirst(group.count)
                continue
            }
            // A single key goes in bulk too, where metadata comes with the value.
            let group = rest.prefix(planner.groupKeys)
            var done = group.count
            switch try await readGroup(group, &progress) {
            case .read: break
            case .nonText: done = try await readUpToNonText(group, &progress)
            case .failed where group.count == 1: try await readAlone(first, isInBulkPossible: false, &progress)
            case .failed: try await readInHalves(group, &progress)
            }
            rest = rest.dropFirst(done)
        }
    }

    /// What became of one bulk get.
    private enum GroupOutcome {
        case read
        /// At least one of the values is not text.
        case nonText
        /// It was too much for one request, or the API cannot give these keys together for another reason.
        case failed
    }

    private func readGroup(_ group: ArraySlice<Item>, _ progress: inout BatchProgress) async throws -> GroupOutcome {
        let found: BulkGetResult
        do {
            found = try await timed { try await client.bulkGet(group.map(\.key.listed.key), in: namespace) }
        } catch let error as KVError {
            switch error.code {
            case .nonTextValue: return .nonText
            case _ where error.isForWantOfRetries: throw error
            // So few keys are refused for nothing else, however the refusal is worded.
            case .refused where error.reply?.has(.invalidRequest) == true: return .nonText
            case .tooLarge: planner.observe { $0.observeTooLarge(keys: group.count) }
            // A server that knows the namespace but not the bulk get; any other trouble shows in the single reads too.
            case _ where error.code == .routeNotFound || [405, 501].contains(error.reply?.status):
                planner.observe { $0.observeNoBulkGet() }
            case .refused: planner.observe { $0.observeFailure() }
            // One value may be the cause; but if the API does not answer at all, the run must end instead.
            case .serverFailed, .malformedAnswer, .timedOut, .connectionFailed:
                try await confirmAnswers(error)
                planner.observe { $0.observeFailure() }
            default: throw error
            }
            return .failed
        }
        let bytes = found.records.values.reduce(0) { $0 + $1.value.count }
        planner.observe { $0.observeTexts(count: found.records.count, bytes: bytes) }
        try await take(found, for: group, &progress)
        return .read
    }

    /// Finds the first value that is not text in a group that has one, and reads all keys up to it.
    ///
    /// What is behind it was not looked at: it may well be text, so that one bulk get reads the rest.
    ///
    /// - Returns: How many keys are dealt with.
    private func readUpToNonText(_ group: ArraySlice<Item>, _ progress: inout BatchProgress) async throws -> Int {
        var low = group.startIndex
        var high = group.endIndex
        while high - low > 1 {
            if low > group.startIndex, progress.isFull(before: group[low].index) { return low - group.startIndex }
            let middle = low + (high - low) / 2
            switch try await readGroup(group[low..<middle], &progress) {
            case .read: low = middle
            case .nonText: high = middle
            case .failed where middle - low == 1:
                try await readAlone(group[low], isInBulkPossible: false, &progress)
                low = middle
            case .failed:
                try await readInHalves(group[low..<middle], &progress)
                low = middle
            }
        }
        try await readAlone(group[low], isInBulkPossible: false, &progress)
        return high - group.startIndex
    }

    private func readInHalves(_ group: ArraySlice<Item>, _ progress: inout BatchProgress) async throws {
        let middle = group.startIndex + group.count / 2
        try await readInBulk(group[..<middle], &progress)
        try await readInBulk(group[middle...], &progress)
    }

    /// Takes the records out of a bulk answer, and reads again what it does not hold for certain.
    private func take(
        _ found: BulkGetResult, for group: ArraySlice<Item>, _ progress: inout BatchProgress
    ) async throws {
        for item in group {
            let listed = item.key.listed
            guard let answered = found[listed.key] else {
                // Null means that the key is gone, unless the server is one that leaves out what it cannot give.
                try await readAlone(item, isInBulkPossible: false, &progress)
                continue
            }
            var record = try await withDetails(answered, listed, found)
            if record.value.containsReplacementCharacter {
                // Legitimate text, or a server that put U+FFFD where bytes were not UTF-8: only the raw value tells.
                guard let stored = try await storedValue(item, &progress) else { continue }
                if String(decoding: stored.bytes, as: UTF8.self).utf8.elementsEqual(record.value) {
                    // The same value, as bytes; what came with it in the bulk answer belongs to it.
                    record.value = stored.bytes
                } else {
                    record = try await completed(listed, stored)
                }
            }
            store(record, at: item.index, &progress)
        }
    }

    /// A record of a bulk answer with the metadata and the expiration that the answer may have been silent about.
    ///
    /// An answer says nothing of the expiration of a key that has none, and a server that does not know `withMetadata`
    /// says nothing of either. So where the list knows of something that the answer lacks, the list is asked again.
    func withDetails(
        _ record: KVRecord, _ listed: ListedKey, _ found: BulkGetResult
    ) async throws -> KVRecord {
        var record = record
        if found.keysWithoutDetails.contains(listed.key) {
            record.metadata = listed.metadata
            record.expiration = listed.expiration
            return record
        }
        let lacksMetadata =
            record.metadata == nil && listed.metadata != nil && found.keysWithoutMetadata.contains(listed.key)
        let lacksExpiration = record.expiration == nil && listed.expiration != nil
        guard lacksMetadata || lacksExpiration else { return record }
        var details: ListedKey? = listed
        if !planner.isBulkGetSilent {
            details = try await client.listedKey(listed.key, in: namespace)
            let isStillThere =
                lacksMetadata && details?.metadata != nil || lacksExpiration && details?.expiration != nil
            planner.observe { $0.observeDetails(areInListAlone: isStillThere) }
        }
        if lacksMetadata { record.metadata = details?.metadata }
        if lacksExpiration { record.expiration = details?.expiration }
        return record
    }
}

extension [UInt8] {
    /// Whether U+FFFD, as `EF BF BD`, is in the bytes.
    var containsReplacementCharacter: Bool {
        withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress else { return false }
            var start = 0
            while let found = memchr(base + start, 0xEF, bytes.count - start) {
                let index = UnsafeRawPointer(found) - base
                if index + 2 < bytes.count, bytes[index + 1] == 0xBF, bytes[index + 2] == 0xBD { return true }
                start = index + 1
            }
            return false
        }
    }
}
