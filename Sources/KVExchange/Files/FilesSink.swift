import Glibc
import JSONText
import KVTransfer

/// Writes each value as a file of a folder, and an index of them.
///
/// The index appears last, when all else is durable: a folder without it is not finished.
final class FilesSink: ExportSink {
    private let folder: FolderVault
    private let index: any VaultWriter
    private let descriptor: Descriptor

    init(in folder: FolderVault) async throws {
        self.folder = folder
        // Makes the folder, too.
        index = try await folder.create(ValueFileName.index, onExisting: .refuse)
        descriptor = try Descriptor.open(
            folder.path, O_RDONLY | O_DIRECTORY, path: folder.path, "opened as a folder")
    }

    func write(_ lines: [RecordLine]) async throws -> [Hole] {
        var entries: [UInt8] = []
        for line in lines {
            let name = ValueFileName.name(for: line.key)
            try writeValue(line.value, to: name)
            FilesIndex.append(line, file: name, to: &entries)
        }
        try await index.write(entries)
        return []
    }

    private func writeValue(_ value: [UInt8], to name: String) throws {
        let path = "\(folder.path)/\(name)"
        let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW
        try Descriptor.open(name, in: descriptor.raw, flags, path: path, "created").writeAll(value, path: path)
    }

    func finish() async throws {
        // One call for all files: a million of them, each synced, would take an hour.
        sync()
        try await index.publish()
    }

    func abandon() async { await index.abandon() }
}
