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

    /// Lends the place as a source.
    ///
    /// `kv://…` is a namespace. What exists as a folder, or contains a slash, is an archive; `kv:///TITLE` names a
    /// namespace whose title is also the name of a folder.
    func withSource<Result>(
        _ connection: ConnectionOptions, _ output: OutputOptions, prefix: KVKey,
        _ body: (any RecordSource) async throws -> Result
    ) async throws -> Result {
        if isPath {
            return try await body(ArchiveRecordSource(try await Archive.open(path: description), prefix: prefix))
        }
        guard let place = NamespacePlace(argument: description) else {
            throw ValidationError("\(description) is neither a path nor a namespace")
        }
        return try await place.withNamespace(connection, output) { client, namespace in
            try await body(NamespaceSource(namespace, client: client, prefix: prefix))
        }
    }

    private var isPath: Bool {
        if description.hasPrefix("kv://") { return false }
        return description.contains("/") || FileManager.default.fileExists(atPath: description)
    }
}
