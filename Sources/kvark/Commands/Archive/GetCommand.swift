import CommandArguments
import KVTransfer

struct GetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "get",
        abstract: "Prints the exact bytes of one value of an archive.",
        discussion: """
              kvark get ./vault/images/latest logo.png > logo.png
              kvark get ./vault/sessions/latest user:1 --record     # with metadata and expiration, as JSON
            """)

    @Argument(help: "The archive's folder.", completion: .folders)
    var archive: String

    @Argument(help: "The key.")
    var key: String

    @Flag(help: "Print the whole record as a line of JSON instead of the value.")
    var record = false

    func run() async throws {
        let opened = try await Archive.open(path: archive)
        guard let line = try await opened.record(for: KVKey(key)) else {
            throw CommandFailure("\(archive) has no key \(KVKey(key))")
        }
        try StandardOutput.write(record ? line.text + [0x0A] : line.value)
    }
}
