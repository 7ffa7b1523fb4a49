import JSONText

/// The name of a value in a namespace: text, compared and ordered by its UTF-8 bytes.
///
/// `String` compares by canonical equivalence, under which `é` in one and in two scalars is the same; for KV these are
/// two keys. The order is the one in which the API lists keys (API reference, list a namespace's keys).
public struct KVKey: Hashable, Comparable, Sendable {
    /// The key's bytes, valid UTF-8.
    public let utf8: [UInt8]

    /// The key with these characters.
    public init(_ string: String) { utf8 = Array(string.utf8) }

    /// The key with these bytes, or `nil` if they are not UTF-8.
    public init?(utf8: [UInt8]) {
        guard UTF8Text.isValid(utf8) else { return nil }
        self.utf8 = utf8
    }

    /// The key with bytes that a JSON reader has already found to be UTF-8.
    package init(validUTF8 utf8: [UInt8]) { self.utf8 = utf8 }

    /// The key as a string; its UTF-8 is exactly ``utf8``.
    public var string: String { String(decoding: utf8, as: UTF8.self) }

    /// Compares byte by byte.
    public static func < (one: Self, other: Self) -> Bool { one.utf8.lexicographicallyPrecedes(other.utf8) }

    /// Whether the key starts with the bytes of a prefix; every key starts with the empty one.
    public func hasPrefix(_ prefix: KVKey) -> Bool { utf8.starts(with: prefix.utf8) }

    /// Why the API would refuse this key, or `nil` if it would not.
    public var problem: Problem? {
        switch utf8.count {
        case 0: .empty
        case 1 where utf8 == [0x2E], 2 where utf8 == [0x2E, 0x2E]: .dots
        case (KVLimits.keyBytes + 1)...: .tooLong(bytes: utf8.count)
        default: nil
        }
    }

    /// A reason why a text cannot be a key (limits page; documentation, write key-value pairs).
    public enum Problem: Hashable, Sendable, CustomStringConvertible {
        /// A key has at least one byte.
        case empty
        /// `.` and `..` are taken for path segments.
        case dots
        /// A key has 512 bytes at most.
        case tooLong(bytes: Int)

        /// What is wrong, in a few words.
        public var description: String {
            switch self {
            case .empty: "a key cannot be empty"
            case .dots: "the keys \".\" and \"..\" are not allowed"
            case .tooLong(let bytes): "a key has \(KVLimits.keyBytes) bytes at most, this one has \(bytes)"
            }
        }
    }
}

extension KVKey: CustomStringConvertible {
    /// The key as a JSON string in which all that cannot be seen is escaped: safe to print, and no two keys look alike
    /// because of an invisible character.
    ///
    /// What is longer than any key or title is cut, and its length said.
    public var description: String {
        // A title's characters have four bytes at most.
        guard utf8.count > 4 * KVLimits.titleCharacters else { return VisibleText.escaped(JSONString.quoted(string)) }
        // Decoded from its beginning alone: a server may list a key of many megabytes.
        let beginning = String(decoding: utf8.prefix(256), as: UTF8.self).unicodeScalars.prefix(60)
        let shown = VisibleText.escaped(JSONString.quoted(String(String.UnicodeScalarView(beginning))))
        return "\(shown)… (\(utf8.count) bytes)"
    }
}

extension KVKey: ExpressibleByStringLiteral {
    /// The key with these characters.
    public init(stringLiteral value: String) { self.init(value) }
}
