import CommandArguments

/// What the user wants to see.
struct OutputOptions: ParsableArguments {
    static let helpSection: String? = "Output"

    @Flag(name: .long, help: "Print one JSON object with the results instead of text.")
    var json = false

    @Flag(name: .shortAndLong, help: "Say nothing on standard error but errors.")
    var quiet = false

    @Flag(name: .shortAndLong, help: "Say more on standard error, such as requests that are sent again.")
    var verbose = false

    /// Says something to the person, on standard error.
    func say(_ text: String) {
        if !quiet { StandardError.line(text) }
    }
}
