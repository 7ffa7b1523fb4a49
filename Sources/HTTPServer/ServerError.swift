/// Why a server could not start.
package struct ServerError: Error, Sendable, CustomStringConvertible {
    /// What went wrong, for people, such as "Address already in use".
    package var description: String
}
