import Glibc

/// A vault in a folder of the file system.
///
/// The folder itself may be reached through symbolic links; inside it none is followed. It is created, with its
/// parents, when the first file is written. Reading and writing block the thread.
public struct FolderVault: Vault {
    /// The folder's path.
    public let path: String

    /// A vault in a folder, which need not exist yet.
    public init(path: String) {
        var trimmed = Substring(path)
        while trimmed.count > 1, trimmed.hasSuffix("/") { trimmed.removeLast() }
        self.path = trimmed.isEmpty ? "." : String(trimmed)
    }

    /// The folder's path.
    public var location: String { path }

    /// The path of a name, for messages.
    func path(of name: String) -> String {
        if name.isEmpty { return path }
        return path == "/" ? "/\(name)" : "\(path)/\(name)"
    }

    // MARK: Files

    /// Opens a file to be read from an offset to its end.
    public func open(_ name: String, from offset: Int) async throws -> any VaultReader {
        let segments = try VaultName.segments(of: name)
        let folder = try openFolder(segments.dropLast())
        // Without O_NONBLOCK a pipe in the file's place would be waited for.
        let file = try Descriptor.open(
            segments[segments.count - 1], in: folder.raw, O_RDONLY | O_NOFOLLOW | O_NONBLOCK, path: path(of: name),
            "read")
        let status = try file.status(path: path(of: name))
        guard status.isRegularFile else { throw VaultError(.notAFile, path: path(of: name), "is not a regular file") }
        return FolderReader(file: file, bytes: Int(status.st_size), offset: offset, path: path(of: name))
    }

    /// Starts to write a file under a temporary name beside its own.
    public func create(_ name: String, onExisting: ExistingFile) async throws -> any VaultWriter {
        let segments = try VaultName.segments(of: name)
        let folder = try createFolder(segments.dropLast())
        return try FolderWriter(
            name: segments[segments.count - 1], folder: folder, onExisting: onExisting, path: path(of: name))
    }

    /// Removes a file, and the folders that held nothing else.
    public func remove(_ name: String) async throws {
        let segments = try VaultName.segments(of: name)
        do {
            try unlink(segments, path: path(of: name))
        } catch VaultError.Code.notFound, VaultError.Code.notAFolder {
            return
        }
        removeEmptyFolders(segments.dropLast())
    }

    /// Removes a folder with everything in it.
    public func removeFolder(_ folder: String) async throws {
        let segments = try VaultName.segments(of: folder)
        do {
            try removeTree(segments, path: path(of: folder))
        } catch VaultError.Code.notFound {
            return
        }
        removeEmptyFolders(segments.dropLast())
    }

    private func unlink(_ segments: [String], path: String) throws(VaultError) {
        let folder = try openFolder(segments.dropLast())
        guard unlinkat(folder.raw, segments[segments.count - 1], 0) == 0 else {
            throw VaultError(errno: errno, path: path, "removed")
        }
        try folder.sync(path: path)
    }

    private func removeTree(_ segments: [String], path: String) throws(VaultError) {
        let parent = try openFolder(segments.dropLast())
        try FolderRemoval.remove(segments[segments.count - 1], in: parent, path: path)
        try parent.sync(path: path)
    }

    /// Folders exist for their files; one that others fill at the same moment stays.
    private func removeEmptyFolders(_ segments: ArraySlice<String>) {
        var segments = segments
        while let last = segments.popLast() {
            guard let parent = try? openFolder(segments), unlinkat(parent.raw, last, AT_REMOVEDIR) == 0 else { return }
        }
    }

    // MARK: Folders

    /// Opens a folder of the vault, a segment at a time so that no link is followed.
    func openFolder(_ segments: ArraySlice<String>) throws(VaultError) -> Descriptor {
        var folder = try Descriptor.open(path, O_RDONLY | O_DIRECTORY, path: path, "opened")
        var name = ""
        for segment in segments {
            name = VaultName.join(name, segment)
            folder = try openSubfolder(segment, in: folder, name: name)
        }
        return folder
    }

    /// With O_DIRECTORY and O_NOFOLLOW a link is "not a directory".
    func openSubfolder(
        _ segment: String, in folder: borrowing Descriptor, name: String
    ) throws(VaultError) -> Descriptor {
        let flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW
        return try Descriptor.open(segment, in: folder.raw, flags, path: path(of: name), "opened as a folder")
    }

    /// Opens a folder of the vault and creates what is missing of it.
    func createFolder(_ segments: ArraySlice<String>) throws(VaultError) -> Descriptor {
        try createRoot()
        var folder = try openFolder([])
        var name = ""
        for segment in segments {
            name = VaultName.join(name, segment)
            if mkdirat(folder.raw, segment, 0o777) == 0 {
                try folder.sync(path: path(of: name))
            } else if errno != EEXIST {
                throw VaultError(errno: errno, path: path(of: name), "created")
            }
            folder = try openSubfolder(segment, in: folder, name: name)
        }
        return folder
    }

    /// Makes a new folder outlast a power cut.
    private func syncParent(of folder: String) throws(VaultError) {
        let name = folder.split(separator: "/").last.map(String.init) ?? ""
        let parent = String(folder.dropLast(name.count))
        let path = parent.isEmpty ? "." : parent
        try Descriptor.open(path, O_RDONLY | O_DIRECTORY, path: path, "opened").sync(path: path)
    }

    private func createRoot() throws(VaultError) {
        var end = path.utf8.startIndex
        while end != path.utf8.endIndex {
            let next = path.utf8[path.utf8.index(after: end)...].firstIndex(of: 0x2F) ?? path.utf8.endIndex
            let ancestor = String(path[..<next])
            end = next
            if mkdir(ancestor, 0o777) == 0 {
                // One that cannot be opened for reading cannot be synced, and takes new folders all the same.
                try? syncParent(of: ancestor)
                continue
            }
            if errno == EEXIST { continue }
            let failure = errno
            // An ancestor that cannot be created because it is there and not ours is no failure.
            var status = stat()
            if stat(ancestor, &status) == 0, status.isFolder { continue }
            throw VaultError(errno: failure, path: ancestor, "created")
        }
    }
}
