import CommandArguments

/// Whether all namespaces of an account are worked on.
struct AccountOptions: ParsableArguments {
    static let helpSection: String? = "Whole accounts"

    @Flag(help: "Every namespace of the account, several at once; goes on after the failure of one.")
    var all = false

    @Option(help: ArgumentHelp("With --all: how many namespaces are worked on at once.", valueName: "n"))
    var parallel: Int?

    /// How many namespaces are worked on at once.
    var width: Int { parallel ?? 4 }

    func validate() throws {
        if let parallel, !(1...16).contains(parallel) { throw ValidationError("--parallel is a number from 1 to 16") }
        if parallel != nil, !all { throw ValidationError("--parallel is for --all") }
    }
}
