import CommandArguments
import Foundation
import KVExchange
import KVTransfer

/// Where records come from: an archive or a file, by its path, or a live namespace.
struct RecordPlace: ExpressibleByArgument, CustomStringConvertible {
    static let argumentCompletion = ArgumentCompletion.folders

    let description: String

    init?(argument: String) {
        guard !argument.isEmpty else { return nil }
        description = argument
    }

    /// What the place is, once it was looked at.
    enum Opened {
        case archive(Archive)
        /// Files of other formats, read and sorted.
        case files(SortedImport)
        case namespace(NamespacePlace)

        /// The archive, if it is one.
        var archive: Archive? {
            guard case .archive(let archive) = self else { return nil }
            return archive
        }
    }

    /// Opens the place.
    ///
    /// `kv://…` is a namespace. What exists as a file or folder, or contains a slash, is a path: of an archive, or of a
    /// file or folder of one of the formats that `kvark import` reads. `kv:///TITLE` names a namespace whose title is also
    /// the name of a folder.
    func open() async throws -> Opened {
        guard isPath else {
            guard let place = NamespacePlace(argument: description) else {
                throw ValidationError("\(description) is neither a path nor a namespace")
            }
            return .namespace(place)
        }
        guard isImport else { return .archive(try await Archive.open(path: description)) }
        let files = try SortedImport(reading: [description])
        for fault in files.faults + files.duplicates { StandardError.line(fault) }
        guard files.faultCount + files.duplicateCount == 0 else {
            throw CommandFailure(
                "\(description) has \(Amounts.count(files.faultCount + files.duplicateCount, "record")) that are wrong or "
                    + "whose keys came before")
        }
        return .files(files)
    }

    /// Lends the place as a source.
    ///
    /// - Parameters:
    ///   - opened: What ``open()`` gave.
    ///   - hints: An archive that probably holds the same values, by which a namespace is read with fewer requests.
    ///   - selection: Which keys are wanted.
    ///   - depth: How much of the records is wanted; without values, a namespace is listed and not read.
    ///   - connection: How to reach the API.
    ///   - output: What the user wants to be told.
    ///   - body: What to do with the source.
    /// - Returns: What the body returns.
    /// - Throws: What the body throws; ``TransferError`` with `namespaceNotFound`; ``KVError``.
    func withSource<Result>(
        _ opened: Opened, hints: Archive?, _ selection: KeySelection, depth: RecordDepth,
        _ connection: ConnectionOptions,
        _ output: OutputOptions, _ body: (any RecordSource) async throws -> Result
    ) async throws -> Result {
        switch opened {
        case .archive(let archive):
            return try await body(ArchiveRecordSource(archive).selecting(selection).reduced(to: depth))
        case .files(let files): return try await body(files.selecting(selection).reduced(to: depth))
        case .namespace(let place):
            return try await place.withNamespace(connection, output) { client, namespace in
                guard depth == .everything else {
                    let list = ListedSource(namespace, client: client, prefix: selection.span)
                    return try await body(ReducedSource(SelectedRecords(list, selection), depth: depth))
                }
                var options = NamespaceSource.Options()
                options.previous = hints
                return try await body(NamespaceSource(namespace, client: client, options: options).selecting(selection))
            }
        }
    }

    private var isImport: Bool {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: description, isDirectory: &isFolder) else { return false }
        return !isFolder.boolValue || ImportFormat.isFolderOfValues(description)
    }

    private var isPath: Bool {
        if description.hasPrefix("kv://") { return false }
        return description.contains("/") || FileManager.default.fileExists(atPath: description)
    }
}

extension RecordSource {
    /// The source without what is not looked at.
    fileprivate func reduced(to depth: RecordDepth) -> any RecordSource {
        depth == .everything ? self : ReducedSource(self, depth: depth)
    }
}
