/// What the words of a command before the one that is completed leave open.
struct CommandLineState {
    private let node: CommandNode
    private let declarations: [Declaration]
    /// The options that were given and cannot be given again, by their main names.
    private var used: Set<String> = []
    private var argumentCount = 0
    /// The option that the next word is the value of.
    private var pending: Declaration?
    /// Whether `--` came: all that follows are arguments.
    private var isEnded = false

    init(_ node: CommandNode, _ words: ArraySlice<String>) {
        self.node = node
        declarations = node.declarations.filter { !$0.help.isHidden }
        for word in words { take(word) }
    }

    private mutating func take(_ word: String) {
        if pending != nil {
            pending = nil
        } else if isEnded || !Word.isOption(word) {
            argumentCount += 1
        } else if word == "--" {
            isEnded = true
        } else {
            takeOption(word)
        }
    }

    private mutating func takeOption(_ word: String) {
        let (name, value) = Word.parts(word)
        let names = Word.isLong(word) ? [name] : Word.letters(name).map { "-\($0)" }
        for declaration in names.compactMap(option) {
            if !declaration.isRepeating { used.insert(declaration.mainName) }
            if declaration.kind == .option, value == nil { pending = declaration }
        }
    }

    private func option(_ name: String) -> Declaration? { declarations.first { $0.names.contains(name) } }

    /// What the current word may become.
    func candidates(for current: String) -> Completer.Candidates {
        if let pending { return .values(pending.completion) }
        if !isEnded, Word.isLong(current) {
            let (name, value) = Word.parts(current)
            if value != nil { return .values(option(name)?.completion ?? .nothing) }
        }
        if !isEnded, current.hasPrefix("-") { return .rows(options) }
        if let next = nextArgument { return .values(next.completion) }
        return isEnded ? .values(.nothing) : .rows(options)
    }

    private var nextArgument: Declaration? {
        let arguments = declarations.filter { $0.kind == .argument }
        if argumentCount < arguments.count { return arguments[argumentCount] }
        return arguments.last.flatMap { $0.isRepeating ? $0 : nil }
    }

    /// The options that can still be given.
    private var options: [HelpPage.Row] {
        let declared = declarations.filter { $0.kind != .argument && !used.contains($0.mainName) }
        return declared.flatMap { declaration in
            declaration.names.map { HelpPage.Row(head: $0, body: Completer.shortened(declaration.help.abstract)) }
        } + BuiltInOption.all(of: node).flatMap(Completer.rows)
    }
}
