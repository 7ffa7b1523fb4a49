import Synchronization

/// A vault in memory, for tests and for archives that live as long as the process.
///
/// Copies share their files.
public struct MemoryVault: Vault {
    private let state: State

    /// An empty vault.
    public init() { state = State() }

    /// All files with their bytes, by name.
    public var files: [String: [UInt8]] {
        get { state.files }
        nonmutating set { state.files = newValue }
    }

    /// A name for messages.
    public var location: String { "memory" }

    /// What stands directly in a folder.
    public func contents(of folder: String) async throws -> VaultContents {
        _ = try VaultName.folderSegments(of: folder)
        let start = folder.isEmpty ? "" : "\(folder)/"
        var contents = VaultContents()
        for (name, bytes) in files.sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }) {
            if name == folder { throw VaultError(.notAFolder, path: folder, "is a file, not a folder") }
            guard name.utf8.starts(with: start.utf8) else { continue }
            let rest = name.dropFirst(start.count)
            guard let slash = rest.firstIndex(of: "/") else {
                contents.files.append(VaultFile(name: name, bytes: bytes.count))
                continue
            }
            let subfolder = start + rest[..<slash]
            if contents.folders.last != subfolder { contents.folders.append(subfolder) }
        }
        return contents
    }

    /// Opens a file as it is at this moment.
    public func open(_ name: String, from offset: Int) async throws -> any VaultReader {
        _ = try VaultName.segments(of: name)
        let files = files
        guard let bytes = files[name] else {
            let isFolder = files.keys.contains { $0.utf8.starts(with: "\(name)/".utf8) }
            throw VaultError(isFolder ? .notAFile : .notFound, path: name, isFolder ? "is a folder" : "is not there")
        }
        return MemoryReader(contents: bytes, offset: offset)
    }

    /// Starts to write a file.
    public func create(_ name: String, onExisting: ExistingFile) async throws -> any VaultWriter {
        let segments = try VaultName.segments(of: name)
        for end in segments.indices.dropFirst() where files[segments[..<end].joined(separator: "/")] != nil {
            throw VaultError(.notAFolder, path: segments[..<end].joined(separator: "/"), "is a file, not a folder")
        }
        return MemoryWriter(name: name, onExisting: onExisting, state: state)
    }

    /// Removes a file.
    public func remove(_ name: String) async throws {
        _ = try VaultName.segments(of: name)
        // In one step: files may be published at the same time.
        state.change { $0[name] = nil }
    }

    /// Removes a folder with everything in it.
    public func removeFolder(_ folder: String) async throws {
        _ = try VaultName.segments(of: folder)
        guard files[folder] == nil else { throw VaultError(.notAFolder, path: folder, "is a file, not a folder") }
        state.change { files in files = files.filter { !$0.key.utf8.starts(with: "\(folder)/".utf8) } }
    }

    /// Does nothing: what is not published is nowhere.
    public func removeLeftovers(in folder: String) async throws { _ = try VaultName.folderSegments(of: folder) }

    /// Takes the one lock of a folder.
    public func lock(_ folder: String) async throws -> any VaultLock {
        _ = try VaultName.folderSegments(of: folder)
        return try MemoryLock(folder: folder, state: state)
    }
}

extension MemoryVault {
    final class State: Sendable {
        private struct Contents {
            var files: [String: [UInt8]] = [:]
            var locks: Set<String> = []
        }

        private let contents = Mutex(Contents())

        var files: [String: [UInt8]] {
            get { contents.withLock { $0.files } }
            set { contents.withLock { $0.files = newValue } }
        }

        func change(_ body: (inout [String: [UInt8]]) -> Void) { contents.withLock { body(&$0.files) } }

        func publish(_ bytes: [UInt8], as name: String, onExisting: ExistingFile) throws(VaultError) {
            try contents.withLock { contents throws(VaultError) in
                if onExisting == .refuse, contents.files[name] != nil {
                    throw VaultError(.exists, path: name, "is already there")
                }
                contents.files[name] = bytes
            }
        }

        func lock(_ folder: String) -> Bool { contents.withLock { $0.locks.insert(folder).inserted } }
        func unlock(_ folder: String) { contents.withLock { _ = $0.locks.remove(folder) } }
    }
}

private final class MemoryReader: VaultReader {
    let contents: [UInt8]
    private var offset: Int

    init(contents: [UInt8], offset: Int) {
        self.contents = contents
        self.offset = min(max(0, offset), contents.count)
    }

    var bytes: Int { contents.count }

    func read(maximumBytes: Int) async throws -> [UInt8] {
        let chunk = Array(contents[offset...].prefix(max(1, maximumBytes)))
        offset += chunk.count
        return chunk
    }
}

private final class MemoryWriter: VaultWriter {
    private let name: String
    private let onExisting: ExistingFile
    private let state: MemoryVault.State
    private var contents: [UInt8]? = []

    init(name: String, onExisting: ExistingFile, state: MemoryVault.State) {
        self.name = name
        self.onExisting = onExisting
        self.state = state
    }

    func write(_ bytes: [UInt8]) async throws {
        precondition(contents != nil, "a vault's file was written after its end")
        contents?.append(contentsOf: bytes)
    }

    func publish() async throws {
        guard let contents else { preconditionFailure("a vault's file was published after its end") }
        try state.publish(contents, as: name, onExisting: onExisting)
        self.contents = nil
    }

    func abandon() async { contents = nil }
}

private final class MemoryLock: VaultLock {
    private let folder: String
    private let state: MemoryVault.State
    private let isHeld = Mutex(true)

    init(folder: String, state: MemoryVault.State) throws(VaultError) {
        guard state.lock(folder) else {
            throw VaultError(.locked, path: folder, "is locked by another part of this process")
        }
        self.folder = folder
        self.state = state
    }

    deinit { giveBack() }

    func release() async { giveBack() }

    private func giveBack() {
        isHeld.withLock { isHeld in
            if isHeld { state.unlock(folder) }
            isHeld = false
        }
    }
}
