import KVModel

/// Which records of an archive are wanted: those of a prefix, and only those after a key.
struct KeyWindow {
    var prefix: KVKey?
    /// The last key that is not wanted.
    var after: KVKey?

    /// Whether a record of this key is wanted.
    func contains(_ key: KVKey) -> Bool {
        (prefix.map(key.hasPrefix) ?? true) && (after.map { key > $0 } ?? true)
    }

    /// Whether records from a first key on may be wanted, of which all come up to a last key, or before a next one.
    ///
    /// - Parameters:
    ///   - first: The key of the first record.
    ///   - last: The key of the last record, if it is known.
    ///   - next: A key that comes after all of them, if one is known.
    /// - Returns: `false` if none of them can be wanted.
    func mayMeet(first: KVKey, last: KVKey? = nil, next: KVKey? = nil) -> Bool {
        if let after {
            if let last, last <= after { return false }
            if let next, next <= after { return false }
        }
        guard let prefix else { return true }
        if let last, last < prefix { return false }
        if let next, next <= prefix { return false }
        return first.hasPrefix(prefix) || first < prefix
    }
}
