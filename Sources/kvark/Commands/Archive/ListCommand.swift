import CommandArguments
import Foundation
import KVTransfer

struct ListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Shows the archives in a vault.",
        discussion: """
              kvark list ./vault
              kvark list ./vault --json
            """)

    @Argument(help: "The folder that holds the archives.", completion: .folders)
    var vault: String

    @OptionGroup var output: OutputOptions

    func run() async throws {
        guard FileManager.default.fileExists(atPath: vault) else {
            throw CommandFailure("there is no folder \(vault)", hint: "kvark backup --to makes a vault")
        }
        let found = try await ArchiveCatalog.list(in: FolderVault(path: vault)).namespaces.flatMap(\.archives)
        if output.json { return try JSONOutput.write(found.map { ListedJSON($0, vault) }) }
        if found.isEmpty { output.say("no archives in \(vault)") }
        for archive in found {
            try StandardOutput.line("\(pathInVault(archive.path))  \(Self.summary(archive))")
        }
    }

    private func pathInVault(_ path: String) -> String { (vault as NSString).appendingPathComponent(path) }

    private static func summary(_ archive: ArchiveCatalog.Entry) -> String {
        guard let manifest = archive.manifest else { return "not whole: \(archive.problem ?? "it has no manifest")" }
        let holes = manifest.holes.isEmpty ? "" : ", \(Amounts.count(manifest.holes.count, "hole"))"
        return
            "\(Amounts.count(manifest.totals.records, "record")), \(Amounts.bytes(manifest.totals.compressedBytes)), "
            + "namespace \(KVKey(manifest.source.namespaceTitle ?? ""))\(holes)"
    }
}

private struct ListedJSON: Encodable {
    let archive: String
    let isComplete: Bool
    let records: Int?
    let compressedBytes: Int?
    let namespace: String?
    let holes: Int?

    init(_ listing: ArchiveCatalog.Entry, _ vault: String) {
        archive = (vault as NSString).appendingPathComponent(listing.path)
        isComplete = listing.manifest != nil
        records = listing.manifest?.totals.records
        compressedBytes = listing.manifest?.totals.compressedBytes
        namespace = listing.manifest?.source.namespaceTitle
        holes = listing.manifest?.holes.count
    }
}
