import CommandArguments

/// What the user wants to see.
struct OutputOptions: ParsableArguments {
    static let helpSection: String? = "Output"

    @Flag(name: .long, help: "Print one JSON object with the results instead of text.")
    var json = false

    @Flag(name: .shortAndLong, help: "Print nothing but errors, warnings and what was asked for.")
    var quiet = false

    @Flag(name: .shortAndLong, help: "Say more on standard error, such as requests that are sent again.")
    var verbose = false

    /// Says something to the person, on standard error.
    func say(_ text: String) {
        if !quiet { StandardError.line(text) }
    }
}
