import Glibc
import Synchronization

/// A lock on a folder: `flock` on a file in it, so that the kernel gives it back when the process ends.
///
/// The file says who holds the lock, for the message that others get.
final class FolderLock: VaultLock {
    static let fileName = "\(VaultName.reservedPrefix)lock"

    private let held: Mutex<Held?>

    private struct Held: ~Copyable {
        let folder: Descriptor
        let file: Descriptor
    }

    init(folder: consuming Descriptor, path: String) throws(VaultError) {
        let folder = folder
        let file = try Self.take(in: folder, path: path)
        held = Mutex(Held(folder: folder, file: file))
    }

    deinit { giveBack() }

    func release() async { giveBack() }

    /// Removes the file before the lock goes, so that whoever waits for it sees that it is gone and makes a new one.
    private func giveBack() {
        held.withLock { held in
            guard let last = held.take() else { return }
            unlinkat(last.folder.raw, Self.fileName, 0)
        }
    }

    private static func take(in folder: borrowing Descriptor, path: String) throws(VaultError) -> Descriptor {
        while true {
            let file = try Descriptor.open(
                fileName, in: folder.raw, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK, path: path, "locked")
            guard Descriptor.retrying({ flock(file.raw, LOCK_EX | LOCK_NB) }) == 0 else {
                if errno == EWOULDBLOCK { throw VaultError(.locked, path: path, "is locked\(holder(of: file))") }
                throw VaultError(errno: errno, path: path, "locked")
            }
            guard try isStillThere(file, in: folder, path: path) else { continue }
            ftruncate(file.raw, 0)
            // Who cannot write its name into the file holds the lock all the same.
            try? file.writeAll(Array(description().utf8), path: path)
            return file
        }
    }

    /// The file may have been removed by its last holder between our open and our lock.
    private static func isStillThere(
        _ file: borrowing Descriptor, in folder: borrowing Descriptor, path: String
    ) throws(VaultError) -> Bool {
        let ours = try file.status(path: path)
        var named = stat()
        guard fstatat(folder.raw, fileName, &named, AT_SYMLINK_NOFOLLOW) == 0 else {
            if errno == ENOENT { return false }
            throw VaultError(errno: errno, path: path, "locked")
        }
        return named.st_ino == ours.st_ino && named.st_dev == ours.st_dev
    }

    private static func description() -> String {
        var host = [CChar](repeating: 0, count: 256)
        gethostname(&host, host.count - 1)
        let hostName = String(decoding: host.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return "process \(getpid()) on \(hostName), since Unix time \(time(nil))\n"
    }

    private static func holder(of file: borrowing Descriptor) -> String {
        var bytes = [UInt8](repeating: 0, count: 512)
        let count = pread(file.raw, &bytes, bytes.count, 0)
        guard count > 0 else { return "" }
        let line = String(decoding: bytes.prefix(count).prefix { $0 >= 0x20 && $0 < 0x7F }, as: UTF8.self)
        return " by \(line)"
    }
}

extension FolderVault {
    /// Takes the one lock of a folder, which is created if it is missing.
    public func lock(_ folder: String) async throws -> any VaultLock {
        let segments = try VaultName.folderSegments(of: folder)
        return try FolderLock(folder: try createFolder(segments[...]), path: path(of: folder))
    }
}
