/// A file of another format that could not be written or read.
package struct ExchangeError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What went wrong, for programs.
    package enum Code: String, Hashable, Sendable {
        /// Something stands where the output should be.
        case exists
        /// The output holds more than its form can.
        case tooMuch = "too-much"
        /// The input is damaged as a whole: cut off, or not of its format.
        case malformed
        /// The input is of no format that is known here.
        case unknownFormat = "unknown-format"
        /// A SQLite database could not be written or read.
        case database
    }

    /// What went wrong, for programs.
    package var code: Code
    /// What went wrong, for people: a sentence that names the file.
    package var message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The message.
    package var description: String { message }
}
