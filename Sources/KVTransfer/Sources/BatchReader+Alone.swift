import JSONText

// Reading keys one by one, with GET value.
extension BatchReader {
    /// Reads keys with GET value, several at the same time where the window is wide, as far as the batch is not full.
    func readEachAlone(_ items: ArraySlice<Item>, _ progress: inout BatchProgress) async throws {
        var rest = items
        var merged = progress
        let empty = progress.emptied
        try await forEachInOrder(width: { _ in planner.widthInBatch }) {
            guard let item = rest.first, !merged.isFull(before: item.index) else { return nil }
            rest = rest.dropFirst()
            return item
        } transform: { (item: Item) in
            var own = empty
            try await readAlone(item, &own)
            return own
        } consume: { (own: BatchProgress) in
            merged.merge(own)
        }
        progress = merged
    }

    /// Reads one key with GET value, which gives exact bytes, and completes it with what the list said.
    ///
    /// A text is asked for again in bulk where that is possible, so that its metadata and expiration are of the same moment.
    func readAlone(_ item: Item, isInBulkPossible: Bool = true, _ progress: inout BatchProgress) async throws {
        guard let stored = try await storedValue(item, &progress) else { return }
        let isText = UTF8Text.isValid(stored.bytes)
        // Where the hint was right there is nothing to learn about the values of which nothing is known.
        if isText || item.key.hint?.isText != false {
            planner.observe { $0.observe(isText: isText, bytes: stored.bytes.count) }
        }
        var record: KVRecord?
        if isText, isInBulkPossible, !isExact, planner.usesBulkGet {
            record = try await readAgainInBulk(item.key.listed)
        }
        if record == nil { record = try await completed(item.key.listed, stored) }
        if let record { store(record, at: item.index, &progress) }
    }

    /// A record from a bulk get of its key alone, if that gives one that is exact.
    private func readAgainInBulk(_ listed: ListedKey) async throws -> KVRecord? {
        do {
            let found = try await client.bulkGet([listed.key], in: namespace)
            guard let record = found[listed.key], !record.value.containsReplacementCharacter else { return nil }
            return try await withDetails(record, listed, found)
        } catch is KVError {
            // What GET value gave is there all the same.
            return nil
        }
    }

    /// A value with the metadata and the expiration that belong to it.
    func completed(_ listed: ListedKey, _ stored: StoredValue) async throws -> KVRecord {
        var details = listed
        if stored.expiration != listed.expiration {
            // The key was written again since it was listed, or the server does not send the header: ask the list.
            details = try await client.listedKey(listed.key, in: namespace) ?? listed
        }
        return KVRecord(
            key: listed.key, value: stored.bytes, metadata: details.metadata,
            expiration: stored.expiration ?? details.expiration)
    }

    /// Keeps a record; one that no archive can hold is a hole.
    func store(_ record: KVRecord, at index: Int, _ progress: inout BatchProgress) {
        if record.value.count > KVLimits.valueBytes {
            progress.set(.unreadable(Hole(key: record.key, reason: "the value is longer than 25 MiB")), at: index)
        } else if let metadata = record.metadata, metadata.json.count > RecordLine.metadataBytesMaximum {
            let reason = "the metadata has \(metadata.json.count) bytes, far more than KV allows"
            progress.set(.unreadable(Hole(key: record.key, reason: reason)), at: index)
        } else {
            progress.set(.record(RecordLine(record)), at: index)
        }
    }

    /// The raw value, or `nil` when the key is gone or unreadable, which is noted.
    func storedValue(_ item: Item, _ progress: inout BatchProgress) async throws -> StoredValue? {
        let key = item.key.listed.key
        progress.keysReread += 1
        for round in 1... {
            do {
                if let stored = try await timed({ try await client.value(of: key, in: namespace) }) { return stored }
                progress.set(.vanished, at: item.index)
                return nil
            } catch let error as KVError {
                guard try await isAboutOneKey(error) else { throw error }
                let mayPass: [KVError.Code] = [.serverFailed, .malformedAnswer, .timedOut, .connectionFailed]
                if mayPass.contains(error.code), round < Self.roundsMaximum { continue }
                progress.set(.unreadable(Hole(key: key, reason: error.description)), at: item.index)
                return nil
            }
        }
        return nil
    }

    /// Whether an error is the one key's fault, so that the rest of the namespace can be read.
    private func isAboutOneKey(_ error: KVError) async throws -> Bool {
        if error.isForWantOfRetries { return false }
        switch error.code {
        case .tooLarge, .refused, .invalidKey: return true
        // Only if others are answered for; else the run must end and go on later.
        case .serverFailed, .malformedAnswer, .timedOut, .connectionFailed, .routeNotFound, .unauthorized:
            try await confirmAnswers(error)
            return true
        default: return false
        }
    }

    /// Makes sure that the API gives values of this namespace at all: it must know that a key does not exist.
    ///
    /// - Throws: The error that raised the question, if it does not.
    func confirmAnswers(_ doubt: KVError) async throws {
        do {
            _ = try await client.value(of: KVKey("kvark-probe-\(ArchiveOptions.makeID())"), in: namespace)
        } catch let error as KVError {
            throw error.code == .dailyQuotaUsed ? error : doubt
        }
    }
}

extension KVClient {
    /// A key as the list has it, or `nil` if it is not in the list.
    func listedKey(_ key: KVKey, in namespace: NamespaceID) async throws -> ListedKey? {
        // A key is the first of those that start with it.
        for try await page in keyPages(in: namespace, prefix: key, limit: KVLimits.listMinimum) {
            if let first = page.keys.first { return first.key == key ? first : nil }
        }
        return nil
    }
}
