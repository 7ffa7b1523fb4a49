/// A text that is not the JSON it should be.
public struct JSONError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong, for programs.
    public enum Code: String, Hashable, Sendable {
        /// The bytes are not UTF-8 (RFC 8259, section 8.1).
        case invalidUTF8
        /// The text ends before the value does.
        case unexpectedEnd
        /// A byte stands where the grammar of RFC 8259 allows another one.
        case unexpectedByte
        /// The text goes on after the value.
        case trailingBytes
        /// A string escape names half of a surrogate pair, which has no UTF-8 form.
        case loneSurrogate
        /// Arrays and objects are nested deeper than the reader was told to follow.
        case tooDeep
        /// The value is well-formed but of another kind than the caller asked for.
        case wrongKind
    }

    /// What is wrong, for programs.
    public var code: Code
    /// Where, in bytes from the start of the text.
    public var offset: Int
    /// What is wrong, for people.
    public var message: String

    /// Describes a fault at an offset.
    public init(_ code: Code, at offset: Int, _ message: String) {
        self.code = code
        self.offset = offset
        self.message = message
    }

    /// The message and the place.
    public var description: String { "\(message) at byte \(offset)" }
}
