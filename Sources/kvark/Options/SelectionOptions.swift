import CommandArguments
import KVExchange
import KVTransfer

/// Which records are taken; the same for every command that takes some of many.
struct SelectionOptions: ParsableArguments {
    static let helpSection: String? = "Which records"

    @OptionGroup var filter: FilterOptions

    @Option(
        help: ArgumentHelp(
            "Only the keys that a file names, one on a line: as it is, or as a JSON string (- is standard input). Those "
                + "that are not there are named.", valueName: "file"),
        completion: .files)
    var keysFrom: String?

    func validate() throws {
        if keysFrom?.isEmpty == true { throw ValidationError("--keys-from is empty; name a file") }
    }

    /// The selection, with the keys of the file read.
    func selection() throws -> KeySelection {
        var selection = filter.selection
        if let keysFrom { selection.named = try KeyListFile.read(keysFrom) }
        return selection
    }
}
