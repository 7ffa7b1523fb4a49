/// What help says of a command, before it is put into lines.
struct HelpPage {
    /// Something in the first column, and what is said of it in the second.
    struct Row {
        let head: String
        let body: String
    }

    /// Rows under a heading.
    struct Section {
        let title: String
        let rows: [Row]
    }

    let node: CommandNode
    let usage: UsageLine
    let sections: [Section]

    var abstract: String { node.configuration.abstract }
    /// The paragraphs; those that begin with a space are examples and shown as they are.
    var paragraphs: [String] {
        let text = node.configuration.discussion
        return text.isEmpty ? [] : text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }

    init(_ node: CommandNode) {
        self.node = node
        let shown = node.declarations.filter { !$0.help.isHidden }
        usage = UsageLine(node)
        let arguments = Section(title: "Arguments", rows: shown.filter { $0.kind == .argument }.map(Row.init))
        let commands = node.groups.map { Section(title: $0.name, rows: $0.commands.map(Row.init)) }
        let options = Self.sections(of: shown.filter { $0.kind != .argument }, of: node)
        sections = ([arguments] + options + commands).filter { !$0.rows.isEmpty }
    }

    /// The command's own options, then those with a heading of their own, in the order in which they come.
    private static func sections(of options: [Declaration], of node: CommandNode) -> [Section] {
        let own = options.filter { $0.section == nil }.map(Row.init) + BuiltInOption.all(of: node).map(Row.init)
        var titles: [String] = []
        for case let title? in options.map(\.section) where !titles.contains(title) { titles.append(title) }
        let titled = titles.map { title in
            Section(title: title, rows: options.filter { $0.section == title }.map(Row.init))
        }
        return [Section(title: "Options", rows: own)] + titled
    }
}

extension HelpPage.Row {
    /// An option or argument, with its choices and its default.
    init(_ declaration: Declaration) {
        let names = declaration.names.joined(separator: ", ")
        switch declaration.kind {
        case .argument: head = declaration.placeholder
        case .option: head = "\(names) \(declaration.placeholder)"
        case .flag: head = names
        }
        var notes: [String] = []
        // A short list is the placeholder.
        if !declaration.choices.isEmpty, declaration.placeholder != "<\(declaration.choices.joined(separator: "|"))>" {
            notes.append("one of \(declaration.choices.joined(separator: ", "))")
        }
        if let text = declaration.defaultText { notes.append("default: \(text)") }
        body = declaration.help.abstract + (notes.isEmpty ? "" : " (\(notes.joined(separator: "; ")))")
    }

    /// A command below another.
    fileprivate init(_ node: CommandNode) {
        self.init(head: node.configuration.commandName, body: node.configuration.abstract)
    }

    /// An option that every command has.
    init(_ option: BuiltInOption) {
        self.init(head: option.names.joined(separator: ", "), body: option.abstract)
    }
}
