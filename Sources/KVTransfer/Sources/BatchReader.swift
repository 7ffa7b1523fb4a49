import JSONText

/// Reads a batch of listed keys, with one bulk get where that works and with as few more requests as possible where it
/// does not.
struct BatchReader: Sendable {
    let client: KVClient
    let namespace: NamespaceID
    let tally: ReadTally

    /// From here down, trying a bulk get on half of a batch costs more than reading its keys one by one.
    private static let bisectionFloor = 4
    /// Above this share of values that are not text, keys are read one by one: of 100 keys that many cost more requests
    /// to find than there are keys.
    private static let nonTextShareMaximum = 0.25
    /// So many unreadable keys say that the trouble is not theirs.
    private static let holesMaximum = 1_000

    /// The records of the keys, in the same order, without those that are gone or unreadable.
    func read(_ batch: [ListedKey]) async throws -> [RecordLine] {
        var readable: [ListedKey] = []
        for listed in batch {
            if let problem = listed.key.problem {
                try addHole(listed.key, problem.description)
            } else {
                readable.append(listed)
            }
        }
        return try await readInBulk(readable)
    }

    private func readInBulk(_ batch: [ListedKey]) async throws -> [RecordLine] {
        guard !batch.isEmpty else { return [] }
        // Where most values are not text, a bulk get is a request that fails.
        if tally.nonTextShare > Self.nonTextShareMaximum {
            // A few at a time: what they are tells how to read the rest.
            let first = try await readOneByOne(Array(batch.prefix(Self.bisectionFloor)))
            return first + (try await readInBulk(Array(batch.dropFirst(Self.bisectionFloor))))
        }
        do {
            let result = try await client.bulkGet(batch.map(\.key), in: namespace)
            tally.observe(isText: true, count: result.records.count)
            return try await lines(of: batch, from: result)
        } catch let error as KVError where error.code == .nonTextValue || error.code == .tooLarge {
            // The API does not say which value it was.
            return try await readInHalves(batch)
        } catch let error as KVError where error.code == .routeNotFound || error.reply?.status == 405 {
            // A server that knows the namespace but not the bulk get; any other trouble shows in the single reads too.
            return try await readOneByOne(batch)
        }
    }

    private func readInHalves(_ batch: [ListedKey]) async throws -> [RecordLine] {
        guard batch.count > Self.bisectionFloor else { return try await readOneByOne(batch) }
        let middle = batch.count / 2
        let first = try await readInBulk(Array(batch[..<middle]))
        return first + (try await readInBulk(Array(batch[middle...])))
    }

    private func readOneByOne(_ batch: [ListedKey]) async throws -> [RecordLine] {
        var lines: [RecordLine] = []
        for listed in batch {
            if let line = try await readAlone(listed) { lines.append(line) }
        }
        return lines
    }

    /// Turns a bulk answer into lines, and reads again what it does not hold for certain.
    private func lines(of batch: [ListedKey], from result: BulkGetResult) async throws -> [RecordLine] {
        var lines: [RecordLine] = []
        lines.reserveCapacity(batch.count)
        for listed in batch {
            guard var record = result[listed.key] else {
                // Null means that the key is gone, unless the server is one that leaves out what it cannot give.
                if let line = try await readAlone(listed) { lines.append(line) }
                continue
            }
            if result.keysWithoutDetails.contains(listed.key) {
                record.metadata = listed.metadata
                record.expiration = listed.expiration
            }
            if record.value.containsReplacementCharacter {
                // Legitimate text, or a server that put U+FFFD where bytes were not UTF-8: only the raw value tells.
                guard let stored = try await storedValue(listed.key) else { continue }
                if String(decoding: stored.bytes, as: UTF8.self).utf8.elementsEqual(record.value) {
                    // The same value, as bytes; what came with it in the bulk answer belongs to it.
                    record.value = stored.bytes
                } else {
                    record = try await completed(listed, stored)
                }
            }
            if let line = try line(record) { lines.append(line) }
        }
        return lines
    }

    /// Reads one key with GET value, which gives exact bytes, and completes it with what the list said.
    private func readAlone(_ listed: ListedKey) async throws -> RecordLine? {
        guard let stored = try await storedValue(listed.key) else { return nil }
        let record = try await completed(listed, stored)
        tally.observe(isText: UTF8Text.isValid(record.value))
        return try line(record)
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

    /// The record's line; a record that no archive can hold is a hole.
    private func line(_ record: KVRecord) throws -> RecordLine? {
        if record.value.count > KVLimits.valueBytes {
            try addHole(record.key, "the value is longer than 25 MiB")
        } else if let metadata = record.metadata, metadata.json.count > RecordLine.metadataBytesMaximum {
            try addHole(record.key, "the metadata has \(metadata.json.count) bytes, far more than KV allows")
        } else {
            return RecordLine(record)
        }
        return nil
    }

    /// The raw value, or `nil` when the key is gone or unreadable, which is counted.
    private func storedValue(_ key: KVKey) async throws -> StoredValue? {
        tally.update { $0.keysReread += 1 }
        do {
            guard let stored = try await client.value(of: key, in: namespace) else {
                tally.update { $0.keysVanished += 1 }
                return nil
            }
            return stored
        } catch let error as KVError where Self.concernsOneKey(error) {
            try addHole(key, error.description)
            return nil
        }
    }

    /// Whether an error says something of a key rather than of the connection, the credentials or the namespace.
    private static func concernsOneKey(_ error: KVError) -> Bool {
        switch error.code {
        case .serverFailed, .malformedAnswer, .tooLarge, .refused, .invalidKey: true
        default: false
        }
    }

    private func addHole(_ key: KVKey, _ reason: String) throws {
        let count = tally.withHole(Hole(key: key, reason: reason))
        guard count <= Self.holesMaximum else {
            throw KVError(
                .serverFailed, "more than \(Self.holesMaximum) keys could not be read, the last was \(key): \(reason)")
        }
    }
}

extension ReadTally {
    /// Adds a hole and says how many there are.
    func withHole(_ hole: Hole) -> Int {
        var count = 0
        update { counts in
            counts.holes.append(hole)
            count = counts.holes.count
        }
        return count
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
