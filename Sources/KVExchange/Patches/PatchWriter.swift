import Digests
import JSONText
package import KVTransfer

/// Writes what makes the first of two compared sources like the second: records to put and keys to delete
/// (`formats/patch-v1.md`).
package struct PatchWriter {
    private let writer: any VaultWriter
    private var digest = SHA256()
    private var buffer: [UInt8] = []
    private var puts = 0
    private var deletes = 0

    /// Starts a patch in a file that is not there yet.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - first: What the patch is for, in words.
    ///   - second: What it makes of that.
    /// - Throws: ``ExchangeError`` with `exists`; `VaultError`.
    package init(toPath path: String, from first: String, to second: String) async throws {
        writer = try await NewOutput.file(at: path)
        append(PatchLine.header(from: first, to: second))
    }

    /// Adds a difference; the order does not matter.
    package mutating func append(_ difference: Difference) async throws {
        switch difference {
        case .same: return
        case .onlyInSecond(let line), .changed(_, let line):
            // What has expired meanwhile cannot be put any more, and is as good as gone.
            if let expiration = line.expiration, expiration <= .now() {
                append(PatchLine.deletion(of: line.key))
                deletes += 1
                return
            }
            append(line.text)
            puts += 1
        case .onlyInFirst(let line):
            append(PatchLine.deletion(of: line.key))
            deletes += 1
        }
        if buffer.count >= 1 << 20 { try await flush() }
    }

    private mutating func append(_ line: [UInt8]) {
        buffer += line
        buffer.append(0x0A)
    }

    private mutating func flush() async throws {
        digest.update(data: buffer)
        try await writer.write(buffer)
        buffer.removeAll(keepingCapacity: true)
    }

    /// Makes the patch visible under its name.
    ///
    /// - Parameter unreadable: How many keys could not be compared, so that the patch does not speak of them.
    /// - Throws: `VaultError`.
    package mutating func finish(unreadable: Int) async throws {
        try await flush()
        let end = PatchLine.End(
            puts: puts, deletes: deletes, unreadable: unreadable, sha256: SHA256Hex.text(digest.finalize()))
        try await writer.write(end.text + [0x0A])
        try await writer.publish()
    }

    /// Removes what was not finished.
    package func abandon() async { await writer.abandon() }
}
