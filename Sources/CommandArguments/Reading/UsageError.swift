/// A command line that is wrong, with what would be right.
package struct UsageError: Error {
    /// How a process ends that was called wrongly: `EX_USAGE` of `sysexits.h`.
    package static let exitStatus: Int32 = 64

    private let node: CommandNode
    /// What is wrong.
    package let message: String
    /// The declaration that it is about.
    private let declaration: Declaration?

    init(_ node: CommandNode, _ message: String, about declaration: Declaration? = nil) {
        self.node = node
        self.message = message
        self.declaration = declaration
    }

    /// What is wrong, what is right, and where to read more; begins with the name of the tool.
    ///
    /// - Parameter width: How many columns it may take.
    /// - Returns: Lines, each with a line feed.
    package func text(width: Int = Terminal.width(of: .error)) -> String {
        var lines = ["\(node.path[0]): \(message)"]
        if let declaration, !declaration.help.isHidden {
            lines += TextBlock.lines(HelpPage.Row(declaration), width: width)
        }
        lines += UsageLine(node).lines(leading: "Usage: ", width: width)
        lines.append("See '\(node.name) --help' for more.")
        return lines.joined(separator: "\n") + "\n"
    }
}
