import Glibc

extension FolderVault {
    /// What stands directly in a folder; names that are not UTF-8 count as neither files nor folders.
    public func contents(of folder: String) async throws -> VaultContents {
        let segments = try VaultName.folderSegments(of: folder)
        do {
            return try contents(of: segments, named: folder)
        } catch VaultError.Code.notFound {
            return VaultContents()
        }
    }

    private func contents(of segments: [String], named folderName: String) throws(VaultError) -> VaultContents {
        let folder = try openFolder(segments[...])
        return try contents(of: folder, named: folderName)
    }

    private func contents(
        of folder: borrowing Descriptor, named folderName: String
    ) throws(VaultError) -> VaultContents {
        var contents = VaultContents()
        for entry in try FolderEntries.names(in: folder, path: path(of: folderName)) where !entry.isReserved {
            let name = VaultName.join(folderName, entry.text)
            var status = stat()
            guard fstatat(folder.raw, entry.bytes, &status, AT_SYMLINK_NOFOLLOW) == 0 else {
                if errno == ENOENT { continue }  // removed since it was listed
                throw VaultError(errno: errno, path: path(of: name), "examined")
            }
            if entry.isUTF8, status.isRegularFile {
                contents.files.append(VaultFile(name: name, bytes: Int(status.st_size)))
            } else if entry.isUTF8, status.isFolder {
                contents.folders.append(name)
            } else {
                contents.others.append(name)
            }
        }
        return contents
    }
}

extension FolderVault {
    /// Removes the temporary files of writers that never ended; a lock's file stays.
    public func removeLeftovers(in folder: String) async throws {
        let segments = try VaultName.folderSegments(of: folder)
        do {
            try removeTemporaryFiles(in: segments, named: folder)
        } catch VaultError.Code.notFound {
            return
        }
    }

    private func removeTemporaryFiles(in segments: [String], named folderName: String) throws(VaultError) {
        let folder = try openFolder(segments[...])
        for entry in try FolderEntries.names(in: folder, path: path(of: folderName)) where entry.isTemporary {
            guard unlinkat(folder.raw, entry.bytes, 0) == 0 || errno == ENOENT else {
                throw VaultError(errno: errno, path: path(of: VaultName.join(folderName, entry.text)), "removed")
            }
        }
    }
}

/// The names in a folder of the file system.
enum FolderEntries {
    struct Entry {
        /// The name as the file system has it, ending in a NUL.
        var bytes: [CChar]
        /// The name for people; exact if ``isUTF8``.
        var text: String
        var isUTF8: Bool
        var isReserved: Bool { VaultName.isReserved(text) }
        /// Whether a writer has, or had, the file open under this name.
        var isTemporary: Bool { isReserved && text.hasSuffix(FolderWriter.temporarySuffix) }
    }

    /// All names but `.` and `..`, sorted by their bytes.
    static func names(in folder: borrowing Descriptor, path: String) throws(VaultError) -> [Entry] {
        // A second descriptor, because closedir() closes the one it was given and readdir() moves it.
        let copy = openat(folder.raw, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard copy >= 0 else { throw VaultError(errno: errno, path: path, "listed") }
        guard let stream = fdopendir(copy) else {
            let failure = errno
            close(copy)
            throw VaultError(errno: failure, path: path, "listed")
        }
        defer { closedir(stream) }
        var entries: [Entry] = []
        while true {
            errno = 0
            guard let found = readdir(stream) else { break }
            let entry = entry(found)
            if entry.text != ".", entry.text != ".." { entries.append(entry) }
        }
        guard errno == 0 else { throw VaultError(errno: errno, path: path, "listed") }
        return entries.sorted { $0.text.utf8.lexicographicallyPrecedes($1.text.utf8) }
    }

    private static func entry(_ found: UnsafeMutablePointer<dirent>) -> Entry {
        let bytes = withUnsafeBytes(of: &found.pointee.d_name) { buffer in
            buffer.prefix { $0 != 0 }.map { CChar(bitPattern: $0) }
        }
        let utf8 = bytes.map { UInt8(bitPattern: $0) }
        let text = String(decoding: utf8, as: UTF8.self)
        return Entry(bytes: bytes + [0], text: text, isUTF8: text.utf8.elementsEqual(utf8))
    }
}

/// Removes a folder with everything in it, without following links and without recursion of calls into other trees.
enum FolderRemoval {
    static func remove(_ name: String, in parent: borrowing Descriptor, path: String) throws(VaultError) {
        let bytes = name.utf8.map { CChar(bitPattern: $0) } + [0]
        try remove(bytes, in: parent, path: path)
    }

    private static func remove(_ name: [CChar], in parent: borrowing Descriptor, path: String) throws(VaultError) {
        let raw = openat(parent.raw, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard raw >= 0 else { throw VaultError(errno: errno, path: path, "opened as a folder") }
        let folder = Descriptor(raw: raw)
        for entry in try FolderEntries.names(in: folder, path: path) {
            let entryPath = "\(path)/\(entry.text)"
            if unlinkat(folder.raw, entry.bytes, 0) == 0 || errno == ENOENT { continue }
            guard errno == EISDIR || errno == EPERM else {
                throw VaultError(errno: errno, path: entryPath, "removed")
            }
            try remove(entry.bytes, in: folder, path: entryPath)
        }
        guard unlinkat(parent.raw, name, AT_REMOVEDIR) == 0 || errno == ENOENT else {
            throw VaultError(errno: errno, path: path, "removed")
        }
    }
}
