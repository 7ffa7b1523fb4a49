import CommandArguments
import KVExchange
import KVTransfer

struct ApplyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "apply",
        abstract: "Replays a patch that kvark diff --patch has written.",
        discussion: """
            Puts the records of the patch into a namespace, and then deletes the keys that it deletes; all other keys stay. \
            The patch is read to its end and checked before anything is written. Deleting asks on a terminal; else \
            --max-delete N or --yes allows it. Run again after an interruption, it goes on.

              kvark diff sessions ./vault/sessions/latest --patch back.ndjson
              kvark apply back.ndjson --to sessions --dry-run
              kvark apply back.ndjson --to sessions --max-delete 12
            """)

    @Argument(help: ArgumentHelp("The patch; - is standard input.", valueName: "file"), completion: .files)
    var file: String

    @Option(help: ArgumentHelp("An id, a title or kv://PROFILE/ID-or-TITLE.", valueName: "namespace"))
    var to: NamespacePlace

    @OptionGroup var writing: WritingOptions
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let patch = try Patch(reading: file)
        let (report, elapsed) = try await writing.replay(
            patch, to: to, as: "patch", ifMissing: .fail, connection, output
        ) { options in
            options.onConflict = .merge
            options.deletions = patch.deletions
        }
        if patch.unreadable > 0 {
            StandardError.line(
                "\(Amounts.count(patch.unreadable, "key")) could not be compared when the patch was made, and are left as they are"
            )
        }
        if output.json { try JSONOutput.write(JoinedJSON(ReplayJSON(report, elapsed), ApplyJSON(patch))) }
        if !report.isWhole || patch.unreadable > 0 { throw CommandFinding(status: .holes) }
    }
}

/// What only a patch has to say.
private struct ApplyJSON: Encodable {
    let puts: Int
    let deletes: Int
    let notCompared: Int

    init(_ patch: Patch) {
        puts = patch.puts
        deletes = patch.deletions.count
        notCompared = patch.unreadable
    }
}
