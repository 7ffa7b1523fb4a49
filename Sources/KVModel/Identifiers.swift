/// The id of an account: 32 hexadecimal digits at Cloudflare, any text at other servers.
public struct AccountID: RawRepresentable, Hashable, Sendable, CustomStringConvertible, ExpressibleByStringLiteral {
    /// The id as the API writes it.
    public let rawValue: String

    /// Wraps an id.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// Wraps an id.
    public init(stringLiteral value: String) { rawValue = value }

    /// The id.
    public var description: String { rawValue }
}

/// The id of a namespace: 32 hexadecimal digits at Cloudflare, any text at other servers.
public struct NamespaceID: RawRepresentable, Hashable, Sendable, CustomStringConvertible, ExpressibleByStringLiteral {
    /// The id as the API writes it.
    public let rawValue: String

    /// Wraps an id.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// Wraps an id.
    public init(stringLiteral value: String) { rawValue = value }

    /// The id.
    public var description: String { rawValue }

    /// Whether a text has the form of Cloudflare's ids: 32 lowercase hexadecimal digits.
    public static func isWellFormed(_ text: String) -> Bool {
        text.utf8.count == 32 && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
    }
}
