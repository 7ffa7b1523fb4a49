import Foundation
import KVVault

/// Files and folders that must not be there yet.
enum NewOutput {
    /// Starts a file, which is visible under its name only when it is whole.
    static func file(at path: String) async throws -> any VaultWriter {
        try refuseExisting(path)
        let (folder, name) = split(path)
        return try await FolderVault(path: folder).create(name, onExisting: .refuse)
    }

    /// A folder that is empty or not there.
    static func folder(at path: String) throws -> FolderVault {
        guard FileManager.default.fileExists(atPath: path) else { return FolderVault(path: path) }
        do {
            guard try FileManager.default.contentsOfDirectory(atPath: path).isEmpty else {
                throw ExchangeError(.exists, "the folder \(path) is not empty, nothing was written")
            }
        } catch let error as CocoaError {
            throw VaultError(.notAFolder, path: path, "is not a folder that can be read (\(error.code.rawValue))")
        }
        return FolderVault(path: path)
    }

    static func refuseExisting(_ path: String) throws(ExchangeError) {
        guard !FileManager.default.fileExists(atPath: path) else {
            throw ExchangeError(.exists, "\(path) is there already, nothing was written")
        }
    }

    /// The folder of a path and the name in it.
    static func split(_ path: String) -> (folder: String, name: String) {
        guard let slash = path.utf8.lastIndex(of: 0x2F) else { return (".", path) }
        let folder = String(path[..<slash])
        return (folder.isEmpty ? "/" : folder, String(path[path.index(after: slash)...]))
    }
}
