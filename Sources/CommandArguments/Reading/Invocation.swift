/// A command with what was given for it, checked and ready to run.
package struct Invocation: Sendable {
    /// The command.
    package let command: any AsyncParsableCommand
    /// Its place among the others.
    package let node: CommandNode

    init(_ command: any AsyncParsableCommand, _ node: CommandNode) {
        self.command = command
        self.node = node
    }

    /// Runs the command.
    ///
    /// - Throws: What the command throws; in place of a ``ValidationError`` a ``UsageError``, which knows the command.
    package func run() async throws {
        do {
            try await command.run()
        } catch let error as ValidationError {
            throw UsageError(node, error.description)
        }
    }
}
