import JSONText

/// A key to be read, with what is known of its value.
struct PlannedKey: Sendable {
    var listed: ListedKey
    var hint: ValueHint?
}

/// Keys that one reader reads.
struct KeyBatch: Sendable {
    var keys: [PlannedKey]
    /// What walking the list up to here came to.
    var counts: ReadTally.Counts
    /// How far the walk is once these keys are dealt with.
    var position: ListPosition
}

/// Keys that were read.
struct ReadBatch: Sendable {
    /// The records in order, without keys that are gone or unreadable.
    var lines: [RecordLine]
    /// What was counted on the way.
    var counts: ReadTally.Counts
    /// How far the walk is now.
    var position: ListPosition
}

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
    private static let roundsMaximum = 3

    /// A key with its place in the batch.
    private typealias Item = (index: Int, key: PlannedKey)

    /// What is known of a batch so far.
    private struct Result {
        var lines: [Int: RecordLine] = [:]
        var counts = ReadTally.Counts()
    }

    /// The records of the keys, in the same order, without those that are gone or unreadable.
    func read(_ batch: KeyBatch) async throws -> ReadBatch {
        var result = Result()
        result.counts = batch.counts
        var inBulk: [Item] = []
        var alone: [Item] = []
        for (index, key) in batch.keys.enumerated() {
            if let problem = key.listed.key.problem {
                result.counts.holes.append(Hole(key: key.listed.key, reason: problem.description))
            } else if isExact || key.hint?.isText == false {
                alone.append((index, key))
            } else {
                inBulk.append((index, key))
            }
        }
        try await readInBulk(inBulk[...], &result)
        for item in alone { _ = try await readAlone(item, &result) }
        let lines = result.lines.sorted { $0.key < $1.key }.map(\.value)
        return ReadBatch(lines: lines, counts: result.counts, position: batch.position)
    }

    // MARK: Many at once

    private func readInBulk(_ items: ArraySlice<Item>, _ result: inout Result) async throws {
        var rest = items
        while let first = rest.first {
            let size = planner.groupKeys
            // A last key of a batch still goes in bulk, where metadata comes with the value.
            let group = rest.prefix(size)
            var done = group.count
            switch size == 1 ? .failed : try await readGroup(group, &result) {
            case .read: break
            case .nonText: done = try await readUpToNonText(group, &result)
            case .failed where group.count == 1: _ = try await readAlone(first, &result)
            case .failed: try await readInHalves(group, &result)
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

    private func readGroup(_ group: ArraySlice<Item>, _ result: inout Result) async throws -> GroupOutcome {
        let found: BulkGetResult
        do {
            found = try await client.bulkGet(group.map(\.key.listed.key), in: namespace)
        } catch let error as KVError {
            switch error.code {
            case .nonTextValue: return .nonText
            case .tooLarge: planner.observe { $0.observeTooLarge(keys: group.count) }
            // A server that knows the namespace but not the bulk get; any other trouble shows in the single reads too.
            case _ where error.code == .routeNotFound || error.reply?.status == 405:
                planner.observe { $0.observeNoBulkGet() }
            // One value may be the cause; but if the API does not answer at all, the run must end instead.
            case .serverFailed, .malformedAnswer, .timedOut, .connectionFailed: try await confirmAnswers(error)
            default: throw error
            }
            return .failed
        }
        let bytes = found.records.values.reduce(0) { $0 + $1.value.count }
        planner.observe { $0.observeTexts(count: found.records.count, bytes: bytes) }
        try await take(found, for: group, &result)
        return .read
    }

    /// Finds the first value that is not text in a group that has one, and reads all keys up to it.
    ///
    /// What is behind it was not looked at: it may well be text, so that one bulk get reads the rest.
    ///
    /// - Returns: How many keys are dealt with.
    private func readUpToNonText(_ group: ArraySlice<Item>, _ result: inout Result) async throws -> Int {
        var low = group.startIndex
        var high = group.endIndex
        while high - low > 1 {
            let middle = low + (high - low) / 2
            if middle - low == 1 {
                if try await readAlone(group[low], &result) == .nonText { return middle - group.startIndex }
                low = middle
                continue
            }
            switch try await readGroup(group[low..<middle], &result) {
            case .read: low = middle
            case .nonText: high = middle
            case .failed:
                try await readInHalves(group[low..<middle], &result)
                low = middle
            }
        }
        _ = try await readAlone(group[low], &result)
        return high - group.startIndex
    }

    private func readInHalves(_ group: ArraySlice<Item>, _ result: inout Result) async throws {
        let middle = group.startIndex + group.count / 2
        try await readInBulk(group[..<middle], &result)
        try await readInBulk(group[middle...], &result)
    }

    /// Takes the records out of a bulk answer, and reads again what it does not hold for certain.
    private func take(_ found: BulkGetResult, for group: ArraySlice<Item>, _ result: inout Result) async throws {
        for item in group {
            let listed = item.key.listed
            guard var record = found[listed.key] else {
                // Null means that the key is gone, unless the server is one that leaves out what it cannot give.
                _ = try await readAlone(item, &result)
                continue
            }
            if found.keysWithoutDetails.contains(listed.key) {
                record.metadata = listed.metadata
                record.expiration = listed.expiration
            }
            if record.value.containsReplacementCharacter {
                // Legitimate text, or a server that put U+FFFD where bytes were not UTF-8: only the raw value tells.
                guard let stored = try await storedValue(listed.key, &result) else { continue }
                if String(decoding: stored.bytes, as: UTF8.self).utf8.elementsEqual(record.value) {
                    // The same value, as bytes; what came with it in the bulk answer belongs to it.
                    record.value = stored.bytes
                } else {
                    record = try await completed(listed, stored)
                }
            }
            store(record, at: item.index, &result)
        }
    }

    // MARK: One alone

    /// What became of a key that was read alone.
    private enum AloneOutcome { case text, nonText, none }

    /// Reads one key with GET value, which gives exact bytes, and completes it with what the list said.
    private func readAlone(_ item: Item, _ result: inout Result) async throws -> AloneOutcome {
        guard let stored = try await storedValue(item.key.listed.key, &result) else { return .none }
        let record = try await completed(item.key.listed, stored)
        let isText = UTF8Text.isValid(record.value)
        // Where the hint was right there is nothing to learn about the values of which nothing is known.
        if isText || item.key.hint?.isText != false {
            planner.observe { $0.observe(isText: isText, bytes: record.value.count) }
        }
        store(record, at: item.index, &result)
        return isText ? .text : .nonText
    }

    /// A value with the metadata and the expiration that belong to it.
    private func completed(_ listed: ListedKey, _ stored: StoredValue) async throws -> KVRecord {
        var details = listed
        if stored.expiration != listed.expiration {
            // The key was written again since it was listed, or the server does not send the header: ask the list. A key
            // is the first of those that start with it.
            var pages = client.keyPages(in: namespace, prefix: listed.key, limit: KVLimits.listMinimum)
                .makeAsyncIterator()
            while let page = try await pages.next() {
                guard let first = page.keys.first else { continue }
                if first.key == listed.key { details = first }
                break
            }
        }
        return KVRecord(
            key: listed.key, value: stored.bytes, metadata: details.metadata,
            expiration: stored.expiration ?? details.expiration)
    }

    /// Keeps a record; one that no archive can hold is a hole.
    private func store(_ record: KVRecord, at index: Int, _ result: inout Result) {
        if record.value.count > KVLimits.valueBytes {
            result.counts.holes.append(Hole(key: record.key, reason: "the value is longer than 25 MiB"))
        } else if let metadata = record.metadata, metadata.json.count > RecordLine.metadataBytesMaximum {
            let reason = "the metadata has \(metadata.json.count) bytes, far more than KV allows"
            result.counts.holes.append(Hole(key: record.key, reason: reason))
        } else {
            result.lines[index] = RecordLine(record)
        }
    }

    /// The raw value, or `nil` when the key is gone or unreadable, which is counted.
    private func storedValue(_ key: KVKey, _ result: inout Result) async throws -> StoredValue? {
        result.counts.keysReread += 1
        for round in 1... {
            do {
                if let stored = try await client.value(of: key, in: namespace) { return stored }
                result.counts.keysVanished += 1
                return nil
            } catch let error as KVError {
                switch error.code {
                case .serverFailed, .malformedAnswer:
                    // The key's fault only if others are answered for; else the run must end and go on later.
                    try await confirmAnswers(error)
                    if round < Self.roundsMaximum { continue }
                case .tooLarge, .refused, .invalidKey: break
                default: throw error
                }
                result.counts.holes.append(Hole(key: key, reason: error.description))
                return nil
            }
        }
        return nil
    }

    /// Makes sure that the API gives values of this namespace at all: it must know that a key does not exist.
    ///
    /// - Throws: The error that raised the question, if it does not.
    private func confirmAnswers(_ doubt: KVError) async throws {
        do {
            _ = try await client.value(of: KVKey("kvark-probe-\(ArchiveOptions.makeID())"), in: namespace)
        } catch is KVError {
            throw doubt
        }
    }
}

extension [UInt8] {
    /// Whether U+FFFD, as `EF BF BD`, is in the bytes.
    fileprivate var containsReplacementCharacter: Bool {
        var start = startIndex
        while let index = self[start...].firstIndex(of: 0xEF) {
            if index + 2 < count, self[index + 1] == 0xBF, self[index + 2] == 0xBD { return true }
            start = index + 1
        }
        return false
    }
}
