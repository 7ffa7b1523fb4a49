/// Words that ask for texts which other programs want rather than people; help does not show them.
enum HiddenRequest {
    /// The answer, if the words ask for one.
    ///
    /// - Parameters:
    ///   - words: The words after the name of the tool.
    ///   - root: The outermost command.
    /// - Returns: The text, or `nil` for words that ask for something else.
    /// - Throws: A ``UsageError`` for a shell that is not known.
    static func answer(to words: [String], _ root: CommandNode) throws(UsageError) -> String? {
        guard let first = words.first else { return nil }
        let (name, value) = Word.parts(first)
        switch name {
        case "---complete": return completions(words.dropFirst(), root)
        case "--generate-completion-script":
            return try script(for: value ?? words.dropFirst().first ?? "", name, root)
        case "--generate-manual": return ManualPage(root).text()
        case "--generate-reference": return MarkdownReference(root).text
        default: return nil
        }
    }

    /// What a shell may offer: asked for by the scripts, as `---complete SHELL INDEX WORDS…`.
    private static func completions(_ words: ArraySlice<String>, _ root: CommandNode) -> String {
        let words = Array(words)
        guard words.count > 2, let shell = CompletionShell(rawValue: words[0]), let index = Int(words[1]) else {
            return ""
        }
        let line = Array(words[2...])
        // The word that is completed may be one that is not begun yet.
        guard (1...line.count).contains(index) else { return "" }
        return Completer(root).answer(to: shell, line, at: index)
    }

    private static func script(for name: String, _ option: String, _ root: CommandNode) throws(UsageError) -> String {
        guard let shell = CompletionShell(rawValue: name) else {
            let names = CompletionShell.allCases.map(\.rawValue)
            let hint = Suggestion.hint(for: name, among: names)
            throw UsageError(root, "\(option) is followed by \(Suggestion.alternatives(names))\(hint)")
        }
        return shell.script(for: root.name)
    }
}
