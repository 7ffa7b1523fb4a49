/// What a command is called and what help says of it.
package struct CommandConfiguration: Sendable {
    package let commandName: String
    let abstract: String
    let discussion: String
    let version: String?
    let groups: [CommandGroup]

    /// A command.
    ///
    /// - Parameters:
    ///   - commandName: What it is called.
    ///   - abstract: What it is for, in one sentence.
    ///   - discussion: All else. Each line is a paragraph; those that begin with a space are shown as they are.
    ///   - version: The version of the tool, for the outermost command.
    ///   - subcommands: The commands below it.
    ///   - groupedSubcommands: The commands below it, under headings.
    package init(
        commandName: String, abstract: String, discussion: String = "", version: String? = nil,
        subcommands: [any ParsableCommand.Type] = [], groupedSubcommands: [CommandGroup] = []
    ) {
        self.commandName = commandName
        self.abstract = abstract
        self.discussion = discussion
        self.version = version
        let plain = CommandGroup(name: "Subcommands", subcommands: subcommands)
        groups = (subcommands.isEmpty ? [] : [plain]) + groupedSubcommands
    }
}

/// Commands under a heading.
package struct CommandGroup: Sendable {
    let name: String
    let subcommands: [any ParsableCommand.Type]

    /// A group of commands.
    package init(name: String, subcommands: [any ParsableCommand.Type]) {
        self.name = name
        self.subcommands = subcommands
    }
}
