public import KVModel
public import KVVault

/// The archives of a vault: `NAMESPACE FOLDER/ARCHIVE NAME`.
public struct ArchiveCatalog: Hashable, Sendable {
    /// The namespaces, sorted by folder.
    public var namespaces: [Namespace]

    /// The archives of one namespace.
    public struct Namespace: Hashable, Sendable {
        /// The folder in the vault.
        public var folder: String
        /// The title, as the newest archive that knows it names it.
        public var title: String?
        /// The archives, oldest first; none where only a first backup has begun.
        public var archives: [Entry]
    }

    /// An archive, or what is left of one that was not finished.
    public struct Entry: Hashable, Sendable {
        /// The folder in the vault.
        public var path: String
        /// The manifest, if there is a readable one.
        public var manifest: Manifest?
        /// Why there is no manifest, for people.
        public var problem: String?

        /// Whether there is a readable manifest; only ``Archive/verify(progress:)`` tells whether the rest is sound.
        public var isComplete: Bool { manifest != nil }
    }

    /// The word that stands for the newest complete archive of a namespace.
    public static let latest = "latest"

    /// Lists what is in a vault.
    ///
    /// Reads the manifest of each archive and no other file. Folders that are no archives are passed over, but not a
    /// namespace's folder that holds an unfinished backup and nothing else: the namespace was there, and is not backed up.
    public static func list(in vault: any Vault) async throws -> ArchiveCatalog {
        var namespaces: [Namespace] = []
        for folder in try await vault.contents(of: "").folders {
            let archives = try await archives(in: vault, of: folder)
            let title = archives.reversed().lazy.compactMap { $0.manifest?.source.namespaceTitle }.first
            if archives.isEmpty, try await !hasUnfinished(in: vault, of: folder) { continue }
            namespaces.append(Namespace(folder: folder, title: title, archives: archives))
        }
        return ArchiveCatalog(namespaces: namespaces)
    }

    /// Lists the archives of a namespace's folder, oldest first.
    public static func archives(in vault: any Vault, of folder: String) async throws -> [Entry] {
        var entries: [Entry] = []
        for path in try await vault.contents(of: folder).folders where ArchiveName(ofPath: path) != nil {
            do {
                entries.append(Entry(path: path, manifest: try await Archive.readManifest(in: vault, at: path)))
            } catch let error as ArchiveError {
                entries.append(Entry(path: path, problem: error.description))
            }
        }
        return entries.sorted { ArchiveName.isInOrder($0.path, $1.path) }
    }

    // MARK: Paths

    /// The folder of a namespace: one safe file name, another one for each title also where case is ignored.
    public static func namespaceFolder(forTitle title: String) -> String { NamespaceFolder.name(forTitle: title) }

    /// The end of the name of the folder that stands beside an archive's while it is not finished.
    package static let unfinishedSuffix = ".unfinished"

    /// Whether a path ends in a name that an archive is given.
    package static func isNamedAsArchive(_ path: String) -> Bool { ArchiveName(ofPath: path) != nil }

    /// Whether a namespace's folder holds an unfinished backup.
    private static func hasUnfinished(in vault: any Vault, of folder: String) async throws -> Bool {
        try await vault.contents(of: folder).folders.contains {
            $0.hasSuffix(unfinishedSuffix) && isNamedAsArchive(String($0.dropLast(unfinishedSuffix.count)))
        }
    }

    /// Whether a folder has a manifest, be it one that can be read or not.
    package static func hasManifest(in vault: any Vault, at path: String) async throws -> Bool {
        let name = VaultName.join(path, ArchiveFile.manifest)
        return try await vault.contents(of: path).files.contains { $0.name == name }
    }

    /// A path for a new archive: the namespace's folder, and the start time with `-2`, `-3` … if that is taken.
    ///
    /// The newest archive has the last name also when the clock has been set back: the new one is then named for the
    /// time of the one before.
    public static func newArchivePath(
        title: String, startedAt: UnixTime, in vault: any Vault
    ) async throws -> String {
        let folder = namespaceFolder(forTitle: title)
        let contents = try await vault.contents(of: folder)
        let taken = (contents.folders + contents.files.map(\.name) + contents.others).compactMap { name in
            ArchiveName(ofPath: name.hasSuffix(unfinishedSuffix) ? String(name.dropLast(unfinishedSuffix.count)) : name)
        }
        let time = taken.reduce(startedAt) { max($0, $1.startedAt) }
        let path = VaultName.join(folder, UTCTime.fileName(time))
        guard let last = taken.filter({ $0.startedAt == time }).map(\.number).max() else { return path }
        // No number follows the largest; but the next second does.
        if last == .max { return VaultName.join(folder, UTCTime.fileName(time + 1)) }
        return "\(path)-\(last + 1)"
    }

    /// Finds the archive that a path in a vault means.
    ///
    /// - Parameters:
    ///   - vault: The vault.
    ///   - path: `NAMESPACE/ARCHIVE`, `NAMESPACE/latest` or `NAMESPACE` alone, which means the latest too. A namespace is
    ///     given by its folder or its title.
    /// - Returns: The archive's folder, complete or not.
    /// - Throws: `notFound`, `incomplete` when `latest` has to choose among unfinished archives only.
    public static func resolve(in vault: any Vault, path: String) async throws -> String {
        var segments = path.split(separator: "/").map(String.init)
        let last = segments.last
        let isByName = last.map { $0 == latest || ArchiveName(ofPath: $0) != nil } ?? false
        let name = isByName && segments.count > 1 ? segments.removeLast() : latest
        // A title may hold slashes itself.
        let namespace = segments.joined(separator: "/")
        for folder in [namespace, namespaceFolder(forTitle: namespace)] {
            guard let contents = try? await vault.contents(of: folder), !contents.isEmpty else { continue }
            if name == latest { return try await latestArchive(in: vault, of: folder) }
            let path = VaultName.join(folder, name)
            if contents.folders.contains(path) { return path }
        }
        throw ArchiveError(.notFound, "there is no such archive", file: VaultName.join(vault.location, path))
    }

    /// The newest complete archive of a namespace's folder.
    static func latestArchive(in vault: any Vault, of folder: String) async throws -> String {
        let place = VaultName.join(vault.location, folder)
        let entries = try await archives(in: vault, of: folder)
        if entries.isEmpty, try await !hasUnfinished(in: vault, of: folder) {
            throw ArchiveError(.notFound, "there is no archive", file: place)
        }
        guard let newest = entries.last(where: \.isComplete) else {
            throw ArchiveError(.incomplete, "no archive here was finished", file: place)
        }
        return newest.path
    }
}
