/// A command: a group of other commands, or an ``AsyncParsableCommand``.
package protocol ParsableCommand: ParsableArguments {
    /// What the command is called and what help says of it.
    static var configuration: CommandConfiguration { get }
}

/// A command that does something itself.
package protocol AsyncParsableCommand: ParsableCommand {
    /// Does what the command is for.
    ///
    /// - Throws: A ``ValidationError`` where only the work shows that the command was called wrongly, and other errors.
    func run() async throws
}
