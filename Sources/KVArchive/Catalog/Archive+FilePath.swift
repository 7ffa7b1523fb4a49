import KVVault

extension Archive {
    /// Opens an archive of the file system.
    ///
    /// - Parameter path: An archive's own folder, or a namespace's folder in a vault with or without `/latest`, which both
    ///   mean its newest complete archive. The last part of a path may be a namespace's title.
    /// - Returns: The archive, opened.
    /// - Throws: As ``open(in:at:)``; `notFound` also for a vault without a namespace.
    public static func open(path: String) async throws -> Archive {
        let folder = FolderVault(path: path)
        guard let contents = try await contentsIfThere(of: folder) else {
            return try await openInVault(path: folder.path)
        }
        let isArchive = contents.files.contains { $0.name == ArchiveFile.manifest || isOfArchive($0) }
        if isArchive { return try await open(in: folder, at: "") }
        if contents.folders.contains(where: { ArchiveName(ofPath: $0) != nil }) {
            return try await open(in: folder, at: try await ArchiveCatalog.latestArchive(in: folder, of: ""))
        }
        throw ArchiveError(.notFound, "there is no archive", file: path)
    }

    private static func contentsIfThere(of folder: FolderVault) async throws -> VaultContents? {
        let contents = try await folder.contents(of: "")
        return contents.isEmpty ? nil : contents
    }

    /// Looks for a path whose last parts are not folders: `latest`, or a title in place of its folder.
    private static func openInVault(path: String) async throws -> Archive {
        var vaultPath = Substring(path)
        var name = removeLastSegment(&vaultPath)
        for _ in 0..<2 {
            let vault = FolderVault(path: vaultPath.isEmpty ? (path.hasPrefix("/") ? "/" : ".") : String(vaultPath))
            if let found = try await resolve(name, in: vault) { return try await open(in: vault, at: found) }
            name = "\(removeLastSegment(&vaultPath))/\(name)"
        }
        throw ArchiveError(.notFound, "there is no archive", file: path)
    }

    private static func removeLastSegment(_ path: inout Substring) -> String {
        let segment = path.split(separator: "/").last.map(String.init) ?? ""
        path = path.dropLast(segment.count)
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        return segment
    }

    private static func resolve(_ name: String, in vault: FolderVault) async throws -> String? {
        if name == ArchiveCatalog.latest {
            let hasArchives = try await vault.contents(of: "").folders.contains { ArchiveName(ofPath: $0) != nil }
            return hasArchives ? try await ArchiveCatalog.latestArchive(in: vault, of: "") : nil
        }
        do {
            return try await ArchiveCatalog.resolve(in: vault, path: name)
        } catch ArchiveError.Code.notFound {
            return nil
        }
    }
}
