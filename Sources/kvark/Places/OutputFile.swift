import Foundation

/// A file that the user names, or standard output.
enum OutputFile {
    /// Writes a file whole, in the place of one that is there.
    ///
    /// It is written under another name and takes its own at the end: who opens it sees the old or the new one, and
    /// nothing is left of an attempt that failed.
    ///
    /// - Parameters:
    ///   - bytes: The content.
    ///   - path: The file; `-` is standard output. Where it is a symbolic link, what it points to is replaced.
    /// - Throws: ``CommandFailure`` when the file cannot be written, or what is there is not a regular file.
    static func write(_ bytes: [UInt8], to path: String) throws {
        if path == "-" { return try StandardOutput.write(bytes) }
        let target = try replaceablePath(path)
        let folder = (target as NSString).deletingLastPathComponent
        let temporary = (folder as NSString).appendingPathComponent(".kvark-\(UUID().uuidString)")
        do {
            try Data(bytes).write(to: URL(fileURLWithPath: temporary), options: .withoutOverwriting)
        } catch {
            unlink(temporary)
            throw CommandFailure("cannot write \(path): \(Hints.describe(error))")
        }
        guard rename(temporary, target) == 0 else {
            let reason = String(cString: strerror(errno))
            unlink(temporary)
            throw CommandFailure("cannot write \(path): \(reason)")
        }
    }

    /// The path of the file itself; a device or a pipe must not be replaced by a file.
    private static func replaceablePath(_ path: String) throws -> String {
        var status = stat()
        guard stat(path, &status) == 0 else { return path }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw CommandFailure("\(path) is not a regular file", hint: "name a file, or - for standard output")
        }
        guard let resolved = realpath(path, nil) else { return path }
        defer { free(resolved) }
        return String(cString: resolved)
    }
}
