/// A command in its place among the others.
package struct CommandNode: Sendable {
    let type: any ParsableCommand.Type
    /// The words that lead to it: `kvark`, `key`, `put`.
    package let path: [String]
    /// The version of the tool.
    let version: String?

    /// The outermost command.
    package init(root type: any ParsableCommand.Type) {
        self.type = type
        path = [type.configuration.commandName]
        version = type.configuration.version
    }

    private init(_ type: any ParsableCommand.Type, below parent: CommandNode) {
        self.type = type
        path = parent.path + [type.configuration.commandName]
        version = parent.version
    }

    /// The path in one text: `kvark key put`.
    package var name: String { path.joined(separator: " ") }
    var configuration: CommandConfiguration { type.configuration }
    /// The commands below it, under their headings.
    var groups: [(name: String, commands: [CommandNode])] {
        configuration.groups.map { group in (group.name, group.subcommands.map { CommandNode($0, below: self) }) }
    }
    var children: [CommandNode] { groups.flatMap(\.commands) }
    /// Whether it is a group of other commands.
    var isGroup: Bool { !configuration.groups.isEmpty }
    /// The command and all below it.
    package var all: [CommandNode] { [self] + children.flatMap(\.all) }

    func child(_ name: String) -> CommandNode? { children.first { $0.configuration.commandName == name } }

    /// What the command declares, in order.
    package var declarations: [Declaration] { Self.declarations(of: type.init(), section: nil) }

    private static func declarations(of arguments: any ParsableArguments, section: String?) -> [Declaration] {
        Mirror(reflecting: arguments).children.flatMap { label, value -> [Declaration] in
            switch value {
            case let property as any DeclaringProperty:
                // The wrapper of `to` is stored as `_to`.
                property.origin.declaration.map { [$0.named(String((label ?? "").dropFirst()), in: section)] } ?? []
            case let group as any DeclaringGroup:
                declarations(of: group.content, section: group.section ?? section)
            default: []
            }
        }
    }
}
