/// What is wrong with how a command was called, found by the command itself.
package struct ValidationError: Error, CustomStringConvertible {
    package let description: String

    /// - Parameter description: What is wrong, for the person who called the command.
    package init(_ description: String) { self.description = description }
}
