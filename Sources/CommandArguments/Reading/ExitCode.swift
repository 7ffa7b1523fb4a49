/// The end of a command that has nothing more to say.
package struct ExitCode: Error, Hashable {
    /// The status of the process.
    package let rawValue: Int32

    /// - Parameter rawValue: The status of the process.
    package init(_ rawValue: Int32) { self.rawValue = rawValue }

    /// A failure that was reported already.
    package static let failure = ExitCode(1)
}
