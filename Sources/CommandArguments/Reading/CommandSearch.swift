/// Finds the command that the first words of a command line name, and has it read the others.
struct CommandSearch {
    private let words: [String]
    private let width: Int

    init(_ words: [String], width: Int) {
        self.words = words
        self.width = width
    }

    /// What the words ask for.
    ///
    /// - Parameter root: The outermost command.
    /// - Returns: A command to run, or a text.
    /// - Throws: A ``UsageError``.
    func parsed(from root: CommandNode) throws(UsageError) -> Parsed {
        var node = root
        var rest = words[...]
        while node.isGroup {
            guard let word = rest.popFirst() else { return help(node) }
            if word == "help" { return try helpOfCommand(below: node, rest) }
            if Word.isOption(word) { return try textOfOption(word, node, rest) }
            guard let child = node.child(word) else {
                if let text = text(askedForBy: rest, of: node) { return text }
                throw unknownCommand(word, node)
            }
            node = child
        }
        if let text = text(askedForBy: rest, of: node) { return text }
        var reader = WordReader(node)
        return .command(try reader.invocation(of: rest))
    }

    /// The text of an option that every command has, if it is among words.
    private func text(askedForBy words: ArraySlice<String>, of node: CommandNode) -> Parsed? {
        BuiltInOption(in: words, of: node).map { .text($0.text(of: node, width: width)) }
    }

    private func help(_ node: CommandNode) -> Parsed { .text(BuiltInOption.help.text(of: node, width: width)) }

    /// `kvark help key put`.
    private func helpOfCommand(below start: CommandNode, _ words: ArraySlice<String>) throws(UsageError) -> Parsed {
        var node = start
        for word in words where !Word.isOption(word) {
            guard node.isGroup else { throw UsageError(node, "'\(node.name)' has no commands of its own") }
            guard let child = node.child(word) else { throw unknownCommand(word, node) }
            node = child
        }
        return help(node)
    }

    /// What an option means where the name of a command belongs.
    private func textOfOption(
        _ word: String, _ node: CommandNode, _ rest: ArraySlice<String>
    ) throws(UsageError) -> Parsed {
        if let text = text(askedForBy: [word] + rest, of: node) { return text }
        let name = Word.parts(word).name
        if let owner = node.all.first(where: { $0.declarations.contains { $0.names.contains(name) } }) {
            throw UsageError(
                node, "\(name) is an option of commands and comes after their name, as in '\(owner.name) … \(name)'")
        }
        let known = BuiltInOption.all(of: node).flatMap(\.names)
        if known.contains(name) { throw UsageError(node, "\(name) takes no value") }
        throw UsageError(node, "unknown option \(Word.quoted(name))\(Suggestion.hint(for: name, among: known))")
    }

    private func unknownCommand(_ word: String, _ node: CommandNode) -> UsageError {
        var hint = Suggestion.hint(for: word, among: node.children.map(\.configuration.commandName))
        // It may be the name of a command that is found elsewhere, such as 'put' of 'key'.
        if hint.isEmpty, let other = node.all.dropFirst().first(where: { $0.configuration.commandName == word }) {
            hint = "; did you mean '\(other.name)'?"
        }
        return UsageError(node, "'\(node.name)' has no command \(Word.quoted(word))\(hint)")
    }
}
