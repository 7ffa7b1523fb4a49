package import KVVault
import Synchronization

/// A vault whose operations work until one fails: once, as on a disk that was full for a moment, or from then on, as when
/// the disk is gone or the process is killed.
package struct FaultyVault: Vault {
    /// What happens after the operation that fails.
    package enum Lasting: CaseIterable, Sendable {
        /// Later operations work.
        case once
        /// No later operation does anything, cleaning up included.
        case forever
    }

    private let inner: any Vault
    private let fuse: Fuse

    /// Puts a fault into a vault.
    ///
    /// - Parameters:
    ///   - inner: The vault that does the work.
    ///   - operation: The number of the operation that fails, from 0; `nil` for none.
    ///   - lasting: What happens after that.
    package init(_ inner: any Vault, failingAt operation: Int? = nil, _ lasting: Lasting = .once) {
        self.inner = inner
        fuse = Fuse(operation, lasting)
    }

    /// How many operations there were.
    package var operations: Int { fuse.operations }
    /// The vault's name for messages.
    package var location: String { inner.location }

    package func contents(of folder: String) async throws -> VaultContents {
        try fuse.pass(folder)
        return try await inner.contents(of: folder)
    }

    package func open(_ name: String, from offset: Int) async throws -> any VaultReader {
        try fuse.pass(name)
        return FaultyReader(try await inner.open(name, from: offset), name, fuse)
    }

    package func create(_ name: String, onExisting: ExistingFile) async throws -> any VaultWriter {
        try fuse.pass(name)
        return FaultyWriter(try await inner.create(name, onExisting: onExisting), name, fuse)
    }

    package func remove(_ name: String) async throws {
        try fuse.pass(name)
        try await inner.remove(name)
    }

    package func removeFolder(_ folder: String) async throws {
        try fuse.pass(folder)
        try await inner.removeFolder(folder)
    }

    package func removeLeftovers(in folder: String) async throws {
        try fuse.pass(folder)
        try await inner.removeLeftovers(in: folder)
    }

    package func lock(_ folder: String) async throws -> any VaultLock {
        try fuse.pass(folder)
        // Given back in any case: the system does that for a process that was killed.
        return try await inner.lock(folder)
    }
}

/// Counts operations and fails one.
private final class Fuse: Sendable {
    private let state: Mutex<(count: Int, isBlown: Bool)>
    private let failing: Int?
    private let lasting: FaultyVault.Lasting

    init(_ failing: Int?, _ lasting: FaultyVault.Lasting) {
        self.failing = failing
        self.lasting = lasting
        state = Mutex((0, false))
    }

    var operations: Int { state.withLock { $0.count } }

    /// Whether nothing works any more.
    var isBlown: Bool { state.withLock { $0.isBlown } }

    func pass(_ path: String) throws(VaultError) {
        let fails = state.withLock { state in
            defer { state.count += 1 }
            guard !state.isBlown else { return true }
            guard state.count == failing else { return false }
            state.isBlown = lasting == .forever
            return true
        }
        if fails { throw VaultError(.noSpace, path: path, "could not be used: no space left on device") }
    }
}

private final class FaultyReader: VaultReader {
    private let inner: any VaultReader
    private let name: String
    private let fuse: Fuse

    init(_ inner: any VaultReader, _ name: String, _ fuse: Fuse) {
        self.inner = inner
        self.name = name
        self.fuse = fuse
    }

    var bytes: Int { inner.bytes }

    func read(maximumBytes: Int) async throws -> [UInt8] {
        try fuse.pass(name)
        return try await inner.read(maximumBytes: maximumBytes)
    }
}

private final class FaultyWriter: VaultWriter {
    private let inner: any VaultWriter
    private let name: String
    private let fuse: Fuse

    init(_ inner: any VaultWriter, _ name: String, _ fuse: Fuse) {
        self.inner = inner
        self.name = name
        self.fuse = fuse
    }

    func write(_ bytes: [UInt8]) async throws {
        try fuse.pass(name)
        try await inner.write(bytes)
    }

    func publish() async throws {
        try fuse.pass(name)
        try await inner.publish()
    }

    func abandon() async {
        // A killed process leaves its temporary files.
        if !fuse.isBlown { await inner.abandon() }
    }
}
