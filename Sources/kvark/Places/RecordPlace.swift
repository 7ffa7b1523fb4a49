import ArgumentParser
import Foundation
import KVTransfer

/// Where records come from: an archive, by its path, or a live namespace.
struct RecordPlace: ExpressibleByArgument, CustomStringConvertible {
    let description: String

    init?(argument: String) {
        guard !argument.isEmpty else { return nil }
        description = argument
    }

    /// The archive that the place is, or `nil` where it is a namespace.
    ///
    /// `kv://…` is a namespace. What exists as a folder, or contains a slash, is an archive; `kv:///TITLE` names a
    /// namespace whose title is also the name of a folder.
    func archive() async throws -> Archive? { isPath ? try await Archive.open(path: description) : nil }

    /// Lends the place as a source.
    ///
    /// - Parameters:
    ///   - archive: What ``archive()`` gave.
    ///   - hints: An archive that probably holds the same values, by which a namespace is read with fewer requests.
    ///   - prefix: What keys must start with.
    ///   - depth: How much of the records is wanted; without values, a namespace is listed and not read.
    ///   - connection: How to reach the API.
    ///   - output: What the user wants to be told.
    ///   - body: What to do with the source.
    /// - Returns: What the body returns.
    /// - Throws: What the body throws; ``TransferError`` with `namespaceNotFound`; ``KVError``.
    func withSource<Result>(
        _ archive: Archive?, hints: Archive?, prefix: KVKey, depth: RecordDepth, _ connection: ConnectionOptions,
        _ output: OutputOptions, _ body: (any RecordSource) async throws -> Result
    ) async throws -> Result {
        if let archive {
            let source = ArchiveRecordSource(archive, prefix: prefix)
            return try await body(depth == .everything ? source : ReducedSource(source, depth: depth))
        }
        guard let place = NamespacePlace(argument: description) else {
            throw ValidationError("\(description) is neither a path nor a namespace")
        }
        return try await place.withNamespace(connection, output) { client, namespace in
            guard depth == .everything else {
                let list = ListedSource(namespace, client: client, prefix: prefix)
                return try await body(ReducedSource(list, depth: depth))
            }
            var options = NamespaceSource.Options()
            options.prefix = prefix
            options.previous = hints
            return try await body(NamespaceSource(namespace, client: client, options: options))
        }
    }

    private var isPath: Bool {
        if description.hasPrefix("kv://") { return false }
        return description.contains("/") || FileManager.default.fileExists(atPath: description)
    }
}
