import Foundation

/// The folder in which a server keeps its database, its token and its account id; held by one server at a time.
final class DataFolder: Sendable {
    /// The folder.
    let path: String
    private let lock: Int32

    /// The database.
    var databasePath: String { path + "/kv.sqlite" }
    /// The token that was made on the first start.
    var tokenPath: String { path + "/token" }
    /// The account's id.
    var accountIDPath: String { path + "/account-id" }

    /// Makes the folder if it is not there, and takes it.
    ///
    /// - Throws: `dataFolderUnusable`, or `dataFolderInUse` when another server has it.
    init(_ path: String) throws(KVServerError) {
        try Self.makeFolder(path)
        self.path = path
        lock = try Self.takeLock(path)
        do throws(KVServerError) {
            // SQLite gives the files beside a database the permissions of the database.
            try Self.makeFile(path + "/kv.sqlite")
        } catch {
            Glibc.close(lock)
            throw error
        }
    }

    deinit { Glibc.close(lock) }

    /// Lets the next server have the folder.
    func release() { flock(lock, LOCK_UN) }

    private static func makeFolder(_ path: String) throws(KVServerError) {
        var isFolder: ObjCBool = false
        if FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) {
            guard isFolder.boolValue else {
                throw KVServerError(.dataFolderUnusable, "the data folder \(path) is a file, not a folder")
            }
            return
        }
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw KVServerError(
                .dataFolderUnusable, "cannot make the data folder \(path): \(reason(error))", cause: error)
        }
    }

    /// The lock belongs to the open file, so that the kernel drops it when the process ends, however it ends.
    private static func takeLock(_ path: String) throws(KVServerError) -> Int32 {
        let file = path + "/lock"
        let descriptor = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw KVServerError(.dataFolderUnusable, "cannot write to the data folder \(path): \(systemError())")
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let isTaken = errno == EWOULDBLOCK
            let message = systemError()
            Glibc.close(descriptor)
            guard isTaken else { throw KVServerError(.dataFolderUnusable, "cannot lock \(file): \(message)") }
            throw KVServerError(.dataFolderInUse, "the data folder \(path) is in use by another server")
        }
        return descriptor
    }

    private static func makeFile(_ path: String) throws(KVServerError) {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw KVServerError(.dataFolderUnusable, "cannot open \(path): \(systemError())")
        }
        Glibc.close(descriptor)
    }

    /// What the system says about the last call that failed.
    static func systemError() -> String { String(cString: strerror(errno)) }

    private static func reason(_ error: any Error) -> String {
        let cause = (error as NSError).userInfo[NSUnderlyingErrorKey] as? NSError
        guard let cause, cause.domain == NSPOSIXErrorDomain else { return error.localizedDescription }
        return String(cString: strerror(Int32(cause.code)))
    }
}

// MARK: - Small files

extension DataFolder {
    /// The text of a small file, or the text that is written to it now if it is not there yet.
    func text(at path: String, orNew make: () -> String) throws(KVServerError) -> String {
        if let text = try Self.text(at: path, code: .dataFolderUnusable) { return text }
        let text = make()
        try write(text, to: path)
        return text
    }

    /// Writes a small file that only its owner may read, whole or not at all.
    func write(_ text: String, to path: String) throws(KVServerError) {
        let temporary = path + ".new"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw KVServerError(.dataFolderUnusable, "cannot write \(path): \(Self.systemError())")
        }
        let bytes = Array("\(text)\n".utf8)
        let isWritten = Glibc.write(descriptor, bytes, bytes.count) == bytes.count && fsync(descriptor) == 0
        let message = Self.systemError()
        Glibc.close(descriptor)
        guard isWritten, rename(temporary, path) == 0 else {
            throw KVServerError(.dataFolderUnusable, "cannot write \(path): \(message)")
        }
    }

    /// The first 4 KiB of a file without the white space around them; `nil` if there is no file.
    static func text(at path: String, code: KVServerError.Code) throws(KVServerError) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw KVServerError(code, "cannot read \(path): \(systemError())")
        }
        defer { Glibc.close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 4_096)
        let count = read(descriptor, &bytes, bytes.count)
        guard count >= 0 else { throw KVServerError(code, "cannot read \(path): \(systemError())") }
        return String(decoding: bytes.prefix(count), as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
