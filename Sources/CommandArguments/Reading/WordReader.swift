/// Reads the words that follow the name of a command.
struct WordReader {
    private let node: CommandNode
    private let declarations: [Declaration]
    /// What was given for each declaration.
    private var given: [[any Sendable]]
    private var rest: ArraySlice<String> = []

    init(_ node: CommandNode) {
        self.node = node
        declarations = node.declarations
        given = [[any Sendable]](repeating: [], count: declarations.count)
    }

    /// The command with the values that words give it.
    mutating func invocation(of words: ArraySlice<String>) throws(UsageError) -> Invocation {
        rest = words
        var arguments: [String] = []
        while let word = rest.popFirst() {
            if word == "--" {
                arguments += rest
                rest = []
            } else if !Word.isOption(word) {
                arguments.append(word)
            } else if Word.isLong(word) {
                let (name, value) = Word.parts(word)
                try read(name, attached: value, in: word)
            } else {
                try readLetters(of: word)
            }
        }
        try distribute(arguments[...])
        try checkNothingIsMissing()
        return try checked(Replay.make(node.type, given))
    }

    private func checked(_ command: any ParsableCommand) throws(UsageError) -> Invocation {
        guard let command = command as? any AsyncParsableCommand else {
            preconditionFailure("\(node.type) has no commands below it and does nothing itself")
        }
        do {
            try Replay.validate(command)
        } catch {
            throw self.error(String(describing: error))
        }
        return Invocation(command, node)
    }

    private func error(_ message: String, about declaration: Declaration? = nil) -> UsageError {
        UsageError(node, message, about: declaration)
    }
}

// MARK: - Options

extension WordReader {
    /// Reads `-q`, `-qv`, `-n5`, `-n=5` and, with the next word, `-n 5`.
    private mutating func readLetters(of word: String) throws(UsageError) {
        var letters = Word.letters(word)
        while let letter = letters.popFirst() {
            let name = "-\(letter)"
            let takesRest = letters.first == "=" || takesValue(name)
            guard takesRest, !letters.isEmpty else {
                try read(name, attached: nil, in: word)
                continue
            }
            return try read(name, attached: String(letters.first == "=" ? letters.dropFirst() : letters), in: word)
        }
    }

    private func takesValue(_ name: String) -> Bool {
        declarations.contains { $0.kind == .option && $0.names.contains(name) }
    }

    /// Reads an option.
    ///
    /// - Parameters:
    ///   - name: Its name.
    ///   - attached: The value in the same word, after `=`.
    ///   - word: The whole word.
    /// - Throws: A ``UsageError``.
    private mutating func read(_ name: String, attached: String?, in word: String) throws(UsageError) {
        guard let index = declarations.firstIndex(where: { $0.names.contains(name) }) else {
            if let attached, BuiltInOption.all(of: node).contains(where: { $0.names.contains(name) }) {
                throw error("\(name) takes no value, but has \(Word.quoted(attached))")
            }
            throw unknownOption(name, in: word)
        }
        let declaration = declarations[index]
        if declaration.kind == .flag {
            if let attached {
                throw error("\(name) takes no value, but has \(Word.quoted(attached))", about: declaration)
            }
            given[index].append(true)
        } else {
            let text: String
            if let attached { text = attached } else { text = try followingValue(of: declaration) }
            given[index].append(try value(text, of: declaration))
        }
    }

    /// The word after an option that takes a value.
    private mutating func followingValue(of declaration: Declaration) throws(UsageError) -> String {
        guard let word = rest.first else { throw error("\(declaration.spelling) has no value", about: declaration) }
        guard !Word.isOption(word) else {
            let name = Word.parts(word).name
            let isMeant = name == "--" || declarations.contains { $0.names.contains(name) }
            let hint = isMeant ? "" : "; if that is the value, write \(declaration.mainName)=\(word)"
            throw error("\(declaration.spelling) has no value before \(Word.quoted(word))\(hint)", about: declaration)
        }
        return rest.removeFirst()
    }

    private func unknownOption(_ name: String, in word: String) -> UsageError {
        let names = declarations.filter { !$0.help.isHidden }.flatMap(\.names)
        let known = names + BuiltInOption.all(of: node).flatMap(\.names)
        // Somebody who writes -record means --record.
        let meant = Word.isLong(word) ? name : Word.parts(word).name
        let hint = Suggestion.hint(for: meant, among: known)
        let takesArguments = declarations.contains { $0.kind == .argument }
        let other = takesArguments ? "; an argument that begins with - comes after --" : ""
        let shown = Word.quoted(name) + (Word.isLong(word) || name == word ? "" : " in \(Word.quoted(word))")
        return error("unknown option \(shown)\(hint.isEmpty ? other : hint)")
    }
}

// MARK: - Values and arguments

extension WordReader {
    private func value(_ text: String, of declaration: Declaration) throws(UsageError) -> any Sendable {
        do {
            return try declaration.read(text)
        } catch let misreading as Misreading {
            throw wrongValue(text, reason(misreading, text, declaration), declaration)
        } catch {
            throw wrongValue(text, String(describing: error), declaration)
        }
    }

    private func reason(_ misreading: Misreading, _ text: String, _ declaration: Declaration) -> String? {
        let choices = declaration.choices
        guard !choices.isEmpty else { return misreading.form.map { "it must be \($0)" } }
        return "it must be \(Suggestion.alternatives(choices))\(Suggestion.hint(for: text, among: choices))"
    }

    private func wrongValue(_ text: String, _ reason: String?, _ declaration: Declaration) -> UsageError {
        let because = reason.map { ": \($0)" } ?? ""
        return error("\(declaration.spelling) cannot be \(Word.quoted(text))\(because)", about: declaration)
    }

    /// Gives arguments to those that are declared, in order; one that repeats takes all that are left.
    private mutating func distribute(_ words: ArraySlice<String>) throws(UsageError) {
        var words = words
        for (index, declaration) in declarations.enumerated() where declaration.kind == .argument {
            let count = declaration.isRepeating ? words.count : min(1, words.count)
            for word in words.prefix(count) { given[index].append(try value(word, of: declaration)) }
            words = words.dropFirst(count)
        }
        guard let first = words.first else { return }
        let others = words.count > 1 ? " and \(words.count - 1) more" : ""
        throw error("unexpected argument \(Word.quoted(first))\(others)")
    }

    private func checkNothingIsMissing() throws(UsageError) {
        let missing = zip(declarations, given).filter { $0.isRequired && $1.isEmpty }.map(\.0)
        guard let first = missing.first else { return }
        let names = missing.map { "'\($0.spelling)'" }.joined(separator: " and ")
        throw error("missing \(names)", about: missing.count == 1 ? first : nil)
    }
}
