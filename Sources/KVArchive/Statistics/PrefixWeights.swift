public import KVModel

/// What the keys that begin alike weigh, by the bytes of their values.
///
/// A prefix ends with a `:` or a `/`. Keys that begin alike stand together in an archive, so each prefix is summed up
/// exactly and forgotten again unless it is among the heaviest: memory is the same for any number of prefixes.
public struct PrefixWeights: Hashable, Sendable {
    /// A prefix and the keys that begin with it.
    public struct Weight: Hashable, Sendable {
        /// The beginning of the keys, with the separator that ends it.
        public let prefix: KVKey
        /// The records.
        public let sum: RecordSum
    }

    /// The heaviest prefixes, the heaviest first; of equals, in the order of keys.
    public let heaviest: [Weight]
    /// How many prefixes there are.
    public let count: Int
    /// The records of the prefixes that are not among the heaviest.
    public let rest: RecordSum
    /// The records whose keys have no prefix of this level.
    public let unprefixed: RecordSum
}

/// Sums up the prefixes of one level, from keys in ascending order.
struct PrefixCounter: Sendable {
    /// How many prefixes are kept.
    static let limit = 20

    private var heaviest = Heaviest<PrefixWeights.Weight>(limit: limit)
    private var count = 0
    private var rest = RecordSum()
    private var unprefixed = RecordSum()
    private var current: (prefix: [UInt8], sum: RecordSum)?

    /// Counts a record.
    ///
    /// - Parameters:
    ///   - prefix: The prefix of its key, or `nil` if it has none of this level.
    ///   - bytes: The bytes of its value.
    mutating func add(_ prefix: ArraySlice<UInt8>?, valueBytes bytes: Int) {
        guard let prefix else { return unprefixed.add(valueBytes: bytes) }
        if current.map({ !$0.prefix.elementsEqual(prefix) }) ?? true {
            closeCurrent()
            current = (Array(prefix), RecordSum())
        }
        current?.sum.add(valueBytes: bytes)
    }

    /// What was found so far.
    var weights: PrefixWeights {
        var closed = self
        closed.closeCurrent()
        return PrefixWeights(
            heaviest: closed.heaviest.elements, count: closed.count, rest: closed.rest, unprefixed: closed.unprefixed)
    }

    private mutating func closeCurrent() {
        guard let (prefix, sum) = current else { return }
        count += 1
        // Separators are ASCII, so that a key cut behind one is still UTF-8.
        let weight = PrefixWeights.Weight(prefix: KVKey(validUTF8: prefix), sum: sum)
        if let lighter = heaviest.offer(weight, weight: sum.valueBytes) { rest.add(lighter.sum) }
        current = nil
    }
}

extension KVKey {
    /// The beginnings of the key up to its first and up to its second `:` or `/`, each with that separator.
    var prefixes: (first: ArraySlice<UInt8>?, second: ArraySlice<UInt8>?) {
        guard let first = utf8.firstIndex(where: Self.isSeparator) else { return (nil, nil) }
        let second = utf8[(first + 1)...].firstIndex(where: Self.isSeparator)
        return (utf8[...first], second.map { utf8[...$0] })
    }

    private static func isSeparator(_ byte: UInt8) -> Bool { byte == 0x3A || byte == 0x2F }
}
