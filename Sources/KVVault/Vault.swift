/// Named files in a place: a folder, a bucket, memory.
///
/// A name is a path of segments joined by `/`, such as `orders/2026-11-23T130501Z/manifest.json`; ``VaultName`` says
/// which names are allowed. A folder is only the part of a name before a slash: it comes into being with its first file
/// and is gone with its last one.
///
/// What every implementation guarantees:
///
/// - **Atomic.** A file appears whole under its name or not at all, also after a crash at any instruction. When
///   ``VaultWriter/publish()`` has returned, the file is durable.
/// - **Exclusive.** With ``ExistingFile/refuse``, of two writers of one name one publishes and the other gets
///   ``VaultError/Code/exists``.
/// - **Ordered.** A file published after another one never becomes visible without it to someone who lists later.
/// - **Idempotent.** Removing what is not there succeeds, so that every removal may be repeated.
/// - **Contained.** No name and no symbolic link leads out of the place; what is not a regular file is never opened.
/// - **Bounded.** No call takes memory in proportion to a file's size, except up to a limit the caller names.
///
/// Nothing here retries; errors are ``VaultError``. Files are not changed by others while they are read; if they are,
/// a reader gives an error or bytes of either version, and hashes above this layer tell.
public protocol Vault: Sendable {
    /// Where the files are, for messages.
    var location: String { get }

    /// What stands directly in a folder, sorted by the bytes of the names.
    ///
    /// - Parameter folder: The folder's name; the empty text means the whole vault.
    /// - Returns: Nothing at all for a folder that is not there.
    /// - Throws: `notAFolder` if the name is a file's.
    func contents(of folder: String) async throws -> VaultContents

    /// Opens a file to be read from an offset to its end.
    ///
    /// - Parameters:
    ///   - name: The file.
    ///   - offset: Where to start, in bytes; at or after the end there is nothing to read.
    /// - Returns: The open file, closed when the value goes away.
    /// - Throws: `notFound`, `notAFile`.
    func open(_ name: String, from offset: Int) async throws -> any VaultReader

    /// Starts to write a file, which is visible only once it is published.
    ///
    /// - Parameters:
    ///   - name: The file to be.
    ///   - onExisting: What publishing does if the name is taken.
    /// - Returns: The file to write to.
    /// - Throws: `notAFolder`, `permissionDenied`, `noSpace`.
    func create(_ name: String, onExisting: ExistingFile) async throws -> any VaultWriter

    /// Removes a file, and the folders that held nothing else.
    func remove(_ name: String) async throws

    /// Removes a folder with everything in it, including what unfinished writers left there.
    ///
    /// - Parameter folder: The folder's name; never the whole vault.
    /// - Throws: `notAFolder` if the name is a file's; `permissionDenied`.
    func removeFolder(_ folder: String) async throws

    /// Removes what writers that never ended left in a folder, and only that: files that were not published.
    ///
    /// To be called by who holds the folder's lock, because it cannot tell a writer that was killed from one at work.
    ///
    /// - Parameter folder: The folder's name; one that is not there has nothing to remove.
    /// - Throws: `notAFolder` if the name is a file's; `permissionDenied`.
    func removeLeftovers(in folder: String) async throws

    /// Takes the one lock of a folder, or fails at once if someone holds it.
    ///
    /// The lock is advice: it keeps out those who ask for it. It is given back by ``VaultLock/release()``, when the lock
    /// value goes away, and when the process ends in any way.
    ///
    /// - Parameter folder: The folder's name, which need not exist; the empty text means the whole vault.
    /// - Returns: The lock that is now held.
    /// - Throws: `locked`, with a message that says who holds it where that is known.
    func lock(_ folder: String) async throws -> any VaultLock
}

/// What stands directly in a folder of a vault; all names are full ones.
public struct VaultContents: Hashable, Sendable {
    /// The regular files.
    public var files: [VaultFile]
    /// The folders.
    public var folders: [String]
    /// What is neither, such as symbolic links and sockets: never followed, never opened.
    public var others: [String]

    /// Whether there is nothing.
    public var isEmpty: Bool { files.isEmpty && folders.isEmpty && others.isEmpty }

    /// Puts a listing together.
    public init(files: [VaultFile] = [], folders: [String] = [], others: [String] = []) {
        self.files = files
        self.folders = folders
        self.others = others
    }
}

/// A file of a vault.
public struct VaultFile: Hashable, Sendable {
    /// The full name.
    public var name: String
    /// The size in bytes.
    public var bytes: Int

    /// Names a file.
    public init(name: String, bytes: Int) {
        self.name = name
        self.bytes = bytes
    }
}

/// What to do when a file of the name is already there.
public enum ExistingFile: Hashable, Sendable {
    /// Leave it and fail with ``VaultError/Code/exists``.
    case refuse
    /// Put the new file in its place, atomically.
    case replace
}

/// A file that is being read, a chunk at a time, as fast as the caller asks.
public protocol VaultReader: AnyObject {
    /// The size of the whole file in bytes.
    var bytes: Int { get }

    /// The next bytes.
    ///
    /// - Parameter maximumBytes: The most to return, at least 1.
    /// - Returns: Some bytes; none at the end of the file.
    /// - Throws: `io` and what else the storage reports.
    func read(maximumBytes: Int) async throws -> [UInt8]
}

/// A file that is being written; it goes away unless it is published.
public protocol VaultWriter: AnyObject {
    /// Adds bytes at the end.
    func write(_ bytes: [UInt8]) async throws

    /// Makes the file visible, whole and durable; nothing can be written afterwards.
    func publish() async throws

    /// Drops what was written; does nothing after ``publish()``.
    func abandon() async
}

/// A lock that is held.
public protocol VaultLock: AnyObject, Sendable {
    /// Gives the lock back; repeating it does nothing.
    func release() async
}

extension Vault {
    /// Reads a whole file.
    ///
    /// - Parameters:
    ///   - name: The file.
    ///   - maximumBytes: The most the caller is ready to hold.
    /// - Returns: The file's bytes.
    /// - Throws: `tooLarge` if the file has more; `notFound`, `notAFile`.
    public func read(_ name: String, maximumBytes: Int) async throws -> [UInt8] {
        let reader = try await open(name, from: 0)
        func tooLarge() -> VaultError {
            VaultError(.tooLarge, path: name, "is larger than the \(maximumBytes) bytes allowed here")
        }
        guard reader.bytes <= maximumBytes else { throw tooLarge() }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(reader.bytes)
        while true {
            let chunk = try await reader.read(maximumBytes: 1 << 20)
            if chunk.isEmpty { return bytes }
            guard bytes.count + chunk.count <= maximumBytes else { throw tooLarge() }
            bytes += chunk
        }
    }

    /// Writes a whole small file atomically.
    public func write(_ bytes: [UInt8], to name: String, onExisting: ExistingFile = .refuse) async throws {
        let writer = try await create(name, onExisting: onExisting)
        do {
            try await writer.write(bytes)
            try await writer.publish()
        } catch {
            await writer.abandon()
            throw error
        }
    }

    /// Does something while holding a folder's lock.
    public func withLock<Result>(on folder: String, _ body: () async throws -> Result) async throws -> Result {
        let lock = try await lock(folder)
        do {
            let result = try await body()
            await lock.release()
            return result
        } catch {
            await lock.release()
            throw error
        }
    }
}
