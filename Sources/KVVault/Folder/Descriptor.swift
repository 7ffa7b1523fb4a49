import Dispatch
package import Glibc

/// An open file or folder, closed when it goes away.
package struct Descriptor: ~Copyable, Sendable {
    package let raw: Int32

    package init(raw: Int32) { self.raw = raw }

    deinit { close(raw) }

    /// Repeats a system call while signals interrupt it; the result is `-1` only for real failures.
    package static func retrying<Number: SignedInteger>(_ call: () -> Number) -> Number {
        while true {
            let result = call()
            if result != -1 || errno != EINTR { return result }
        }
    }

    /// Opens a name relative to a folder (or to the working folder) and never follows a link in its place.
    package static func open(
        _ name: String, in folder: Int32 = AT_FDCWD, _ flags: Int32, path: String, _ attempt: String
    ) throws(VaultError) -> Descriptor {
        let raw = retrying { openat(folder, name, flags | O_CLOEXEC, 0o666) }
        guard raw >= 0 else { throw VaultError(errno: errno, path: path, attempt) }
        return Descriptor(raw: raw)
    }

    /// What the file system knows about it.
    package func status(path: String) throws(VaultError) -> stat {
        var status = stat()
        guard fstat(raw, &status) == 0 else { throw VaultError(errno: errno, path: path, "examined") }
        return status
    }

    /// Makes all that was written durable.
    package func sync(path: String) throws(VaultError) {
        try Self.check(Self.sync(raw), path: path)
    }

    /// Makes all that was written durable, and waits for it on a thread that is none of the tasks': a disk may take long
    /// for a large file, and tasks have few threads.
    package func syncApart(path: String) async throws(VaultError) {
        let raw = raw
        let failure = await withCheckedContinuation { continuation in
            DispatchQueue.global().async { continuation.resume(returning: Self.sync(raw)) }
        }
        try Self.check(failure, path: path)
    }

    /// Has the system begin to write some bytes to the disk, without waiting for that, so that a sync has less left to do.
    package func beginSync(from offset: Int, bytes: Int) {
        // Linux takes this as the wish to get rid of what is still to be written. Only a hint: where it is not understood,
        // the sync does it all.
        posix_fadvise(raw, off_t(offset), off_t(bytes), POSIX_FADV_DONTNEED)
    }

    /// Syncs a file; the error's number, or 0.
    private static func sync(_ raw: Int32) -> Int32 { retrying { fsync(raw) } == 0 ? 0 : errno }

    private static func check(_ failure: Int32, path: String) throws(VaultError) {
        // Some file systems cannot sync folders and say so with EINVAL.
        guard failure == 0 || failure == EINVAL else { throw VaultError(errno: failure, path: path, "made durable") }
    }

    /// Writes all of the bytes.
    package func writeAll(_ bytes: [UInt8], path: String) throws(VaultError) {
        var offset = 0
        while offset < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                Self.retrying { write(raw, buffer.baseAddress?.advanced(by: offset), buffer.count - offset) }
            }
            guard count > 0 else { throw VaultError(errno: count == 0 ? EIO : errno, path: path, "written") }
            offset += count
        }
    }
}

extension stat {
    package var isRegularFile: Bool { st_mode & S_IFMT == S_IFREG }
    package var isFolder: Bool { st_mode & S_IFMT == S_IFDIR }
}
