/// What a command line asks for.
package enum Parsed: Sendable {
    /// To run a command.
    case command(Invocation)
    /// To show a text: help, the version, a manual or what a shell wants to know.
    case text(String)
}

extension ParsableCommand {
    /// Reads a command line.
    ///
    /// - Parameters:
    ///   - words: The words after the name of the tool.
    ///   - width: How many columns help may take.
    /// - Returns: What the words ask for.
    /// - Throws: A ``UsageError`` if they are wrong.
    package static func parse(
        _ words: [String], width: Int = Terminal.width(of: .output)
    ) throws(UsageError) -> Parsed {
        let root = CommandNode(root: self)
        if let text = try HiddenRequest.answer(to: words, root) { return .text(text) }
        return try CommandSearch(words, width: width).parsed(from: root)
    }
}
