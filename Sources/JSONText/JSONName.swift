/// The name of an object's member, compared byte by byte.
///
/// `String` compares by canonical equivalence, for which U+212A (the Kelvin sign) is the letter K; two names are one
/// member only if their bytes are the same.
public struct JSONName: Hashable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
    /// The name with its escapes resolved.
    public let text: String

    /// Wraps a decoded name.
    public init(_ text: String) { self.text = text }

    /// Makes names usable as patterns: `switch name { case "key": … }`.
    public init(stringLiteral value: StaticString) { text = value.description }

    /// Compares the UTF-8 bytes.
    public static func == (one: Self, other: Self) -> Bool { one.text.utf8.elementsEqual(other.text.utf8) }

    /// Hashes the UTF-8 bytes.
    public func hash(into hasher: inout Hasher) {
        var text = text
        text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
        hasher.combine(UInt8(0xFF))
    }

    /// The name itself.
    public var description: String { text }
}
