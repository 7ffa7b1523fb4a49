import Glibc

/// Writes a file under a temporary name in its folder, and gives it its own name when it is whole.
final class FolderWriter: VaultWriter {
    /// The end of the names of files that are not published yet.
    static let temporarySuffix = ".tmp"

    /// After so many bytes the disk begins with them, so that the end of a large file does not wait for all of it.
    private static let syncStepBytes = 8 << 20

    private enum State { case writing, published, abandoned }

    private let name: String
    private let temporaryName: String
    private let folder: Descriptor
    private let file: Descriptor
    private let onExisting: ExistingFile
    private let path: String
    private var state = State.writing
    /// How many bytes were written, and how many of them the disk has been asked for.
    private var (written, begun) = (0, 0)

    init(name: String, folder: consuming Descriptor, onExisting: ExistingFile, path: String) throws(VaultError) {
        let random = String(UInt64.random(in: .min ... .max), radix: 16)
        temporaryName = "\(VaultName.reservedPrefix)\(random)\(Self.temporarySuffix)"
        file = try Descriptor.open(
            temporaryName, in: folder.raw, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, path: path, "created")
        self.name = name
        self.folder = folder
        self.onExisting = onExisting
        self.path = path
    }

    deinit { discard() }

    func write(_ bytes: [UInt8]) async throws {
        precondition(state == .writing, "a vault's file was written after its end")
        try file.writeAll(bytes, path: path)
        written += bytes.count
        if written - begun >= Self.syncStepBytes {
            file.beginSync(from: begun, bytes: written - begun)
            begun = written
        }
    }

    func publish() async throws {
        precondition(state == .writing, "a vault's file was published twice or after it was abandoned")
        try await file.syncApart(path: path)
        try takeName()
        state = .published
        try folder.sync(path: path)
    }

    func abandon() async { discard() }

    private func discard() {
        guard state == .writing else { return }
        state = .abandoned
        unlinkat(folder.raw, temporaryName, 0)
    }

    private func takeName() throws(VaultError) {
        switch onExisting {
        case .replace: try rename()
        case .refuse: try link()
        }
    }

    private func rename() throws(VaultError) {
        guard renameat(folder.raw, temporaryName, folder.raw, name) == 0 else {
            throw VaultError(errno: errno, path: path, "published")
        }
    }

    /// A hard link fails if the name is taken, which a rename does not; both are atomic.
    private func link() throws(VaultError) {
        if linkat(folder.raw, temporaryName, folder.raw, name, 0) == 0 {
            unlinkat(folder.raw, temporaryName, 0)
            return
        }
        guard errno == EPERM || errno == EOPNOTSUPP || errno == EMLINK else {
            throw VaultError(errno: errno, path: path, "published")
        }
        // A file system without hard links: look first, then rename. Two writers at the same instant are kept apart by
        // the lock only.
        var status = stat()
        guard fstatat(folder.raw, name, &status, AT_SYMLINK_NOFOLLOW) != 0 else {
            throw VaultError(errno: EEXIST, path: path, "published")
        }
        try rename()
    }
}
