import ArgumentParser
import KVTransfer

struct CatCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cat",
        abstract: "Prints the records of an archive, one JSON object per line.",
        discussion: """
            Each line is a pair of the API's bulk write: key, expiration, metadata, base64 and value.

              kvark cat ./vault/sessions/latest | jq -r .key
              kvark cat ./vault/sessions/latest --prefix user: > users.ndjson
            """)

    @Argument(help: "The archive's folder.")
    var archive: String

    @Option(help: "Only keys that start with this.")
    var prefix = ""

    func run() async throws {
        let source = ArchiveRecordSource(try await Archive.open(path: archive), prefix: KVKey(prefix))
        try await source.forEachBatch { lines in
            var bytes: [UInt8] = []
            bytes.reserveCapacity(lines.reduce(0) { $0 + $1.text.count + 1 })
            for line in lines {
                bytes += line.text
                bytes.append(0x0A)
            }
            try StandardOutput.write(bytes)
            try Task.checkCancellation()
        }
    }
}
