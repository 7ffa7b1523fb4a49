/// What keys are called elsewhere: a prefix of theirs becomes another.
public struct PrefixRenames: Hashable, Sendable {
    /// A prefix and what becomes of it.
    public struct Rule: Hashable, Sendable {
        /// What keys start with; every key starts with the empty one.
        public var old: KVKey
        /// What they start with afterwards.
        public var new: KVKey

        /// A rule.
        public init(old: KVKey, new: KVKey) {
            self.old = old
            self.new = new
        }
    }

    /// The rules, the longest old prefixes first.
    private let rules: [Rule]

    /// Rules of which the one with the longest old prefix holds for a key; each key is renamed once.
    public init(_ rules: [Rule] = []) { self.rules = rules.sorted { $0.old.utf8.count > $1.old.utf8.count } }

    /// Whether there is no rule.
    public var isEmpty: Bool { rules.isEmpty }

    /// What a key is called afterwards.
    public func name(of key: KVKey) -> KVKey {
        guard let rule = rules.first(where: { key.hasPrefix($0.old) }) else { return key }
        return Self.renamed(key, by: rule)
    }

    private static func renamed(_ key: KVKey, by rule: Rule) -> KVKey {
        // What follows text in text is text.
        KVKey(validUTF8: rule.new.utf8 + key.utf8.dropFirst(rule.old.utf8.count))
    }

    /// What all keys with a prefix start with afterwards, so that no other key could have become one of these; `nil` if
    /// that cannot be said.
    func scope(of prefix: KVKey) -> KVKey? {
        if prefix.utf8.isEmpty { return "" }
        let within = rules.filter { $0.old.hasPrefix(prefix) && $0.old != prefix }
        guard within.isEmpty else { return nil }
        return name(of: prefix)
    }

    /// The rules as a part of an identity.
    var identity: String {
        rules.map { " rename \(PercentEncoding.encode($0.old.utf8))=\(PercentEncoding.encode($0.new.utf8))" }.joined()
    }
}
