import Glibc

extension VaultError {
    /// The error for a system call that failed on a path.
    ///
    /// - Parameters:
    ///   - errorNumber: The value of `errno` right after the call.
    ///   - path: What the call was about.
    ///   - attempt: What was tried, as in "cannot be ATTEMPT".
    package init(errno errorNumber: Int32, path: String, _ attempt: String) {
        let words = String(cString: strerror(errorNumber))
        self.init(Self.code(for: errorNumber), path: path, "cannot be \(attempt): \(words)")
    }

    private static func code(for errorNumber: Int32) -> Code {
        switch errorNumber {
        case ENOENT: .notFound
        case ENOTDIR: .notAFolder
        // With O_NOFOLLOW a symbolic link shows itself as a loop.
        case EISDIR, ELOOP, ENXIO: .notAFile
        case EACCES, EPERM, EROFS: .permissionDenied
        case ENOSPC, EDQUOT, EFBIG: .noSpace
        case EEXIST: .exists
        case ENAMETOOLONG, EILSEQ: .unsafeName
        default: .io
        }
    }
}
