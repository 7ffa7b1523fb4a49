import Digests
import JSONText
package import KVTransfer

/// A patch that was read and found whole: the records to put, as a source, and the keys to delete.
///
/// Memory holds 64 MiB, temporary files the rest.
package struct Patch: ResumableSource {
    private let sorted: SortedRecords
    private var lastSkipped: KVKey?
    package let name: String
    package let identity: String
    package let holes: [Hole] = []
    /// The keys to delete.
    package let deletions: NamedKeys
    /// How many records there are to put.
    package let puts: Int
    /// How many keys were not compared when the patch was made, so that it does not speak of them.
    package let unreadable: Int

    /// Reads a patch to its end.
    ///
    /// - Parameter path: The file, which may be compressed with gzip or zstd; `-` is standard input.
    /// - Throws: ``ExchangeError`` with `malformed` when it is not a patch, or not whole; `VaultError`; `CancellationError`.
    package init(reading path: String) throws {
        var reading = Reading(name: path == "-" ? "standard input" : path)
        var lines = LineReader(try ImportFormat.plainInput(path, reading.name))
        while let line = try lines.next() {
            try Task.checkCancellation()
            try reading.read(line)
        }
        let end = try reading.checkedEnd()
        name = "patch \(reading.name)"
        identity = "patch \(end.sha256)"
        puts = end.puts
        unreadable = end.unreadable
        sorted = try reading.sorter.finish()
        deletions = try reading.deletions.finish()
        try checkKeysAreSingle(reading.name)
    }

    /// A key that is put and deleted would be one or the other by chance.
    private func checkKeysAreSingle(_ name: String) throws {
        var last: KVKey?
        try sorted.forEachEntry { entry in
            if entry.key == last {
                throw ExchangeError(.malformed, "\(name) says two things of key \(entry.key)")
            }
            last = entry.key
        }
    }

    package var recordCount: Int? { puts }

    package func records(after key: KVKey?) -> any RecordSource {
        var rest = self
        rest.lastSkipped = key
        return rest
    }

    package func forEachBatch(_ body: ([RecordLine]) async throws -> Void) async throws {
        try await sorted.forEachBatch(after: lastSkipped) { _, text in
            // A deletion has no text.
            text.isEmpty ? nil : try RecordLine(parsing: text)
        } _: { batch in
            try await body(batch)
        }
    }
}

/// A patch while it is read.
private struct Reading {
    let name: String
    var sorter = RecordSorter()
    var deletions = NamedKeys.Builder()
    private var digest = SHA256()
    private var number = 0
    private var puts = 0
    private var deletes = 0
    private var end: PatchLine.End?

    init(name: String) { self.name = name }

    mutating func read(_ line: LineReader.Line) throws {
        number += 1
        guard case .text(let text) = line else { throw fault("the line is too long") }
        if end != nil { throw fault("something follows the end of the patch") }
        switch try parsed(text) {
        case .header where number == 1: break
        case .header: throw fault("a second header")
        case _ where number == 1: throw fault("the first line is not a patch's header")
        case .put(let record):
            puts += 1
            try sorter.append(record.key, record.text, at: ReadPosition(number: number))
        case .deletion(let key):
            deletes += 1
            try sorter.append(key, [], at: ReadPosition(number: number))
            try deletions.append(key)
        case .end(let said):
            end = said
            return
        }
        digest.update(data: text + [0x0A])
    }

    private func parsed(_ text: [UInt8]) throws(ExchangeError) -> PatchLine {
        do throws(JSONError) {
            return try PatchLine(text)
        } catch {
            throw fault(error.description)
        }
    }

    /// What the end says, once it is found to be so.
    func checkedEnd() throws(ExchangeError) -> PatchLine.End {
        guard let end else {
            throw ExchangeError(.malformed, "\(name) is no whole patch: its last line is not there")
        }
        guard end.puts == puts, end.deletes == deletes, end.unreadable >= 0,
            end.sha256 == SHA256Hex.text(digest.finalize())
        else {
            throw ExchangeError(.malformed, "\(name) was changed after it was made: its last line says something else")
        }
        return end
    }

    private func fault(_ reason: String) -> ExchangeError {
        ExchangeError(.malformed, "\(name), line \(number): \(reason)")
    }
}
