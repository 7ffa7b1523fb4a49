/// A reason why the embedded server could not start or go on.
package struct KVServerError: Error, Sendable, CustomStringConvertible {
    /// What went wrong, for programs; the set of codes is open.
    package struct Code: RawRepresentable, Hashable, Sendable {
        /// The code in kebab case.
        package let rawValue: String

        /// Wraps a code, known or not.
        package init(rawValue: String) { self.rawValue = rawValue }

        /// The data folder cannot be made, read or written.
        package static let dataFolderUnusable = Code(rawValue: "data-folder-unusable")
        /// Another server is using the data folder.
        package static let dataFolderInUse = Code(rawValue: "data-folder-in-use")
        /// The token file cannot be read, or what is in it cannot be a token.
        package static let tokenUnusable = Code(rawValue: "token-unusable")
        /// The account id is not 32 lowercase hexadecimal digits.
        package static let invalidAccountID = Code(rawValue: "invalid-account-id")
        /// The server cannot listen at the address.
        package static let addressUnavailable = Code(rawValue: "address-unavailable")
        /// The request log cannot be opened.
        package static let requestLogUnusable = Code(rawValue: "request-log-unusable")

        /// Lets a `catch` clause name a code.
        package static func ~= (code: Self, error: any Error) -> Bool { (error as? KVServerError)?.code == code }
    }

    /// What went wrong, for programs.
    package var code: Code
    /// What went wrong, for people: one sentence that names the file or address.
    package var message: String
    /// The failure underneath, if there is one.
    package var cause: (any Error)?

    package init(_ code: Code, _ message: String, cause: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.cause = cause
    }

    /// The message.
    package var description: String { message }
}
