import KVArchive
import Synchronization

/// A vault that counts what is read of each file.
struct CountingVault: Vault {
    private let inner: any Vault
    private let counts = Counts()

    init(_ inner: any Vault) { self.inner = inner }

    /// The bytes read so far, by file; a file that was opened and not read has 0.
    var bytesRead: [String: Int] { counts.bytes }

    var location: String { inner.location }
    func contents(of folder: String) async throws -> VaultContents { try await inner.contents(of: folder) }
    func remove(_ name: String) async throws { try await inner.remove(name) }
    func removeFolder(_ folder: String) async throws { try await inner.removeFolder(folder) }
    func removeLeftovers(in folder: String) async throws { try await inner.removeLeftovers(in: folder) }
    func lock(_ folder: String) async throws -> any VaultLock { try await inner.lock(folder) }
    func create(_ name: String, onExisting: ExistingFile) async throws -> any VaultWriter {
        try await inner.create(name, onExisting: onExisting)
    }

    func open(_ name: String, from offset: Int) async throws -> any VaultReader {
        counts.add(0, to: name)
        return Reader(try await inner.open(name, from: offset), name, counts)
    }

    final class Counts: Sendable {
        private let state = Mutex<[String: Int]>([:])
        var bytes: [String: Int] { state.withLock { $0 } }
        func add(_ count: Int, to name: String) { state.withLock { $0[name, default: 0] += count } }
    }

    private final class Reader: VaultReader {
        private let inner: any VaultReader
        private let name: String
        private let counts: Counts

        init(_ inner: any VaultReader, _ name: String, _ counts: Counts) {
            self.inner = inner
            self.name = name
            self.counts = counts
        }

        var bytes: Int { inner.bytes }

        func read(maximumBytes: Int) async throws -> [UInt8] {
            let bytes = try await inner.read(maximumBytes: maximumBytes)
            counts.add(bytes.count, to: name)
            return bytes
        }
    }
}
