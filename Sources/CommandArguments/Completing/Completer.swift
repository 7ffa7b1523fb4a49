/// Says what a shell may offer for a word.
struct Completer {
    private let root: CommandNode

    init(_ root: CommandNode) { self.root = root }

    /// The answer as the scripts read it.
    ///
    /// The first line says what kind of answer it is: `words`, `files`, `folders` or `nothing`. For `words` there follows a
    /// line for each, with what is said of it after a tab. What is offered for `--option=` are the values alone.
    ///
    /// - Parameters:
    ///   - shell: The shell that asks.
    ///   - words: The command line, the name of the tool first.
    ///   - index: Which of them is to be completed; it is missing where nothing was typed yet.
    /// - Returns: Lines.
    func answer(to shell: CompletionShell, _ words: [String], at index: Int) -> String {
        var words = Array(words.prefix(index + 1))
        if words.count == index { words.append("") }
        // bash takes `--format=csv` and `kv://a` apart.
        if shell == .bash { words = Self.joined(words) }
        let current = words.last ?? ""
        let before = words.dropFirst().dropLast()
        switch completion(of: current, after: before) {
        case .values(.files): return "files\n"
        case .values(.folders): return "folders\n"
        case .values(.nothing): return "nothing\n"
        case .values(.words(let words)): return "words\n" + words.map { "\($0)\n" }.joined()
        case .rows(let rows): return "words\n" + rows.map { "\($0.head)\t\($0.body)\n" }.joined()
        }
    }

    /// What a word may become.
    enum Candidates {
        case values(ArgumentCompletion)
        /// Commands or options, with what is said of them.
        case rows([HelpPage.Row])
    }

    private func completion(of current: String, after before: ArraySlice<String>) -> Candidates {
        var node = root
        var rest = before
        var isHelp = false
        while node.isGroup {
            guard let word = rest.popFirst() else { return Self.commands(of: node, current) }
            if word == "help" {
                isHelp = true
            } else if let child = node.child(word) {
                node = child
            } else {
                return .values(.nothing)
            }
        }
        return isHelp ? .values(.nothing) : CommandLineState(node, rest).candidates(for: current)
    }

    private static func commands(of node: CommandNode, _ current: String) -> Candidates {
        if current.hasPrefix("-") { return .rows(BuiltInOption.all(of: node).flatMap(rows)) }
        let commands = node.children.map(\.configuration).map {
            HelpPage.Row(head: $0.commandName, body: shortened($0.abstract))
        }
        return .rows(commands + [HelpPage.Row(head: "help", body: "Show the help of a command")])
    }

    /// A row for each name of an option that every command has.
    static func rows(_ option: BuiltInOption) -> [HelpPage.Row] {
        option.names.map { HelpPage.Row(head: $0, body: shortened(option.abstract)) }
    }

    /// The first clause, because a shell has little room.
    static func shortened(_ text: String) -> String { String(text.prefix { !".:;(\n\t".contains($0) }) }

    /// Words that bash took apart, put together again.
    private static func joined(_ words: [String]) -> [String] {
        var result: [String] = []
        var joins = false
        for word in words {
            let isBreak = !word.isEmpty && word.allSatisfy { $0 == "=" || $0 == ":" }
            if !result.isEmpty, joins || isBreak { result[result.count - 1] += word } else { result.append(word) }
            joins = isBreak
        }
        return result
    }
}
