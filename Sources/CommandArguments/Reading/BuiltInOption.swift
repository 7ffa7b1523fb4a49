/// An option that every command has and that shows a text instead of running the command.
enum BuiltInOption: CaseIterable {
    case version
    case help

    var names: [String] {
        switch self {
        case .version: ["--version"]
        case .help: ["-h", "--help"]
        }
    }

    var abstract: String {
        switch self {
        case .version: "Show the version."
        case .help: "Show this help."
        }
    }

    /// Those that a command has: only a tool with a version can show it.
    static func all(of node: CommandNode) -> [BuiltInOption] {
        allCases.filter { $0 != .version || node.version != nil }
    }

    /// What the option shows.
    func text(of node: CommandNode, width: Int) -> String {
        switch self {
        case .version: "\(node.version ?? "")\n"
        case .help: HelpPage(node).text(width: width)
        }
    }

    /// The option that is among words, and of several the one for help.
    ///
    /// Whatever else is wrong with the words does not matter to somebody who asks for help.
    ///
    /// - Parameters:
    ///   - words: The words after the name of the command.
    ///   - node: The command.
    init?(in words: ArraySlice<String>, of node: CommandNode) {
        let valued = Set(node.declarations.filter { $0.kind == .option }.flatMap(\.names))
        let given = words.prefix { $0 != "--" }.flatMap { word -> [String] in
            // What follows the letter of an option that takes a value is that value.
            let letters = Word.letters(word).prefix { $0 != "=" && !valued.contains("-\($0)") }
            return Word.isLong(word) ? [word] : letters.map { "-\($0)" }
        }
        let options = Self.all(of: node).filter { option in option.names.contains(where: given.contains) }
        guard let option = options.last else { return nil }
        self = option
    }
}
