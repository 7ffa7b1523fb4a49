/// Options and arguments that belong together, declared as the properties of a structure.
package protocol ParsableArguments: Sendable {
    /// The heading under which help shows the options of a group; `nil` shows them with the command's own.
    static var helpSection: String? { get }

    /// Makes all properties as they are declared; the compiler writes it.
    init()

    /// Checks what no property can check alone.
    ///
    /// - Throws: A ``ValidationError`` that says what is wrong.
    func validate() throws
}

extension ParsableArguments {
    /// With the command's own.
    package static var helpSection: String? { nil }

    /// Finds nothing wrong.
    package func validate() throws {}
}
