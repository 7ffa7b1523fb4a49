/// Records in ascending order of their keys, in temporary files: more than memory holds.
package struct SortedRecords: Sendable {
    private static let batchRecords = 1_000
    private static let batchBytes = 1 << 20

    private let runs: [SortRun]

    init(runs: [SortRun]) { self.runs = runs }

    /// A record without its text.
    package struct Entry: Sendable {
        /// The key by which it is sorted.
        package var key: KVKey
        /// Where it was read.
        package var position: ReadPosition
        /// The length of its text, in bytes.
        package var textBytes: Int
    }

    /// Walks the keys, also those that come twice, without reading the texts.
    package func forEachEntry(_ body: (Entry) throws -> Void) throws {
        var merge = try RunMerge(runs)
        while let head = try merge.next()?.head {
            try Task.checkCancellation()
            try body(Entry(key: head.key, position: head.position, textBytes: head.textBytes))
        }
    }

    /// Walks all records with their texts, also those whose keys come twice.
    package func forEachRecord(_ body: (Entry, [UInt8]) throws -> Void) throws {
        var merge = try RunMerge(runs)
        while let item = try merge.next() {
            try Task.checkCancellation()
            let entry = Entry(key: item.head.key, position: item.head.position, textBytes: item.head.textBytes)
            try body(entry, merge.text(of: item))
        }
    }

    /// Walks the records that follow a key, a batch at a time; of several with one key the last.
    ///
    /// - Parameters:
    ///   - key: The last key that is passed over.
    ///   - line: Makes a record line of a key and its text; `nil` passes it over.
    ///   - body: What to do with a batch of at least one record.
    /// - Throws: What both throw; `VaultError`.
    package func forEachBatch(
        after key: KVKey?, line: (KVKey, [UInt8]) throws -> RecordLine?, _ body: ([RecordLine]) async throws -> Void
    ) async throws {
        var merge = try RunMerge(runs)
        var batch: [RecordLine] = []
        var bytes = 0
        while let item = try merge.next() {
            // The last of several with one key counts, and the others are not even read.
            if merge.peek()?.head.key == item.head.key { continue }
            if let key, item.head.key <= key { continue }
            guard let line = try line(item.head.key, merge.text(of: item)) else { continue }
            batch.append(line)
            bytes += line.text.count
            guard batch.count == Self.batchRecords || bytes >= Self.batchBytes else { continue }
            try await body(batch)
            batch = []
            bytes = 0
        }
        if !batch.isEmpty { try await body(batch) }
    }

    /// Walks the keys a batch at a time, each once.
    package func forEachKeyBatch(_ body: ([KVKey]) async throws -> Void) async throws {
        var merge = try RunMerge(runs)
        var batch: [KVKey] = []
        while let key = try merge.next()?.head.key {
            // The last of several with one key counts.
            if merge.peek()?.head.key == key { continue }
            batch.append(key)
            guard batch.count == Self.batchRecords else { continue }
            try await body(batch)
            batch = []
        }
        if !batch.isEmpty { try await body(batch) }
    }
}
