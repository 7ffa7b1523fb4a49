/// Which keys are taken: all, unless something is said.
public struct KeySelection: Sendable {
    /// What they start with.
    public var prefix: KVKey = ""
    /// Patterns of which a key must match one, if there are any.
    public var matching: [KeyGlob] = []
    /// Patterns of which a key must match none.
    public var excluding: [KeyGlob] = []
    /// The keys that may be taken, if they are named one by one.
    public var named: NamedKeys?

    /// Every key.
    public init() {}

    /// Whether every key with the prefix is taken.
    public var isPrefix: Bool { matching.isEmpty && excluding.isEmpty && named == nil }

    /// Whether every key is taken.
    public var isEverything: Bool { isPrefix && prefix.utf8.isEmpty }

    /// What all keys that are taken start with, as far as that can be told: a list may begin there.
    public var span: KVKey {
        var span = prefix
        if matching.count == 1 { span = Self.longer(span, matching[0].literalPrefix) }
        if let named, named.count > 0 { span = Self.longer(span, named.commonPrefix) }
        return span
    }

    /// The longer of two prefixes of the same keys; the first where nothing can start with both.
    private static func longer(_ one: KVKey, _ other: KVKey) -> KVKey { other.hasPrefix(one) ? other : one }

    /// The selection in words, one for each rule that it has besides the prefix.
    public var rules: [String] {
        matching.map { "match \($0.pattern)" } + excluding.map { "exclude \($0.pattern)" }
            + (named.map { ["\($0.count) named keys, sha256 \($0.digest)"] } ?? [])
    }

    /// The selection as a part of an identity.
    var identity: String {
        if isEverything { return "" }
        return " selection \(PercentEncoding.encode(prefix.utf8))"
            + rules.map { " \(PercentEncoding.encode($0.utf8))" }.joined()
    }

    /// Keys of both selections, where this one says no more than a prefix.
    func narrowing(_ other: KeySelection) -> KeySelection {
        var both = other
        both.prefix = Self.longer(other.prefix, prefix)
        return both
    }
}

/// Tells of keys, in ascending order, which are taken.
struct KeySelector {
    private let selection: KeySelection
    private var named: KeySpool.Reader?
    private let missing: MissingKeys?

    /// A selector.
    ///
    /// - Parameters:
    ///   - selection: Which keys are taken.
    ///   - key: The key that all keys follow, if there is one.
    ///   - missing: Told of keys that were named and have not come.
    /// - Throws: `VaultError` when the names cannot be read.
    init(_ selection: KeySelection, after key: KVKey? = nil, missing: MissingKeys? = nil) throws {
        self.selection = selection
        self.missing = missing
        guard let keys = selection.named else { return }
        var reader = KeySpool.Reader(keys.spool)
        while let key, let next = try reader.peek(), next <= key { _ = try reader.next() }
        named = reader
    }

    /// Whether no key that follows is taken.
    var isExhausted: Bool { mutating get throws { try named != nil && named?.peek() == nil } }

    mutating func takes(_ key: KVKey) throws -> Bool { try isNamed(key) && fits(key) }

    private func fits(_ key: KVKey) -> Bool {
        guard key.hasPrefix(selection.prefix) else { return false }
        guard selection.matching.isEmpty || selection.matching.contains(where: { $0.matches(key) }) else {
            return false
        }
        return !selection.excluding.contains { $0.matches(key) }
    }

    private mutating func isNamed(_ key: KVKey) throws -> Bool {
        guard named != nil else { return true }
        while let next = try named?.peek(), next < key { try passNamed() }
        guard try named?.peek() == key else { return false }
        _ = try named?.next()
        return true
    }

    private mutating func passNamed() throws {
        guard let key = try named?.next() else { return }
        if fits(key) { missing?.note(key) }
    }

    /// Says that no keys follow.
    mutating func finish() throws {
        while try named?.peek() != nil { try passNamed() }
    }
}
