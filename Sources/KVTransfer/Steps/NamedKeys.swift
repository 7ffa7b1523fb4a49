import Digests

/// Keys that are named one by one, such as the lines of a file: any number, in a temporary file.
public struct NamedKeys: Sendable {
    /// How many keys there are, each counted once.
    public var count: Int { spool.count }
    /// What all of them start with.
    public let commonPrefix: KVKey
    /// A digest of the keys in ascending order.
    public let digest: String
    let spool: KeySpool

    /// Gathers keys.
    public struct Builder: Sendable {
        private var sorter = RecordSorter()
        private var count = 0

        /// Begins without keys.
        public init() {}

        /// Adds a key; one that is there already changes nothing.
        ///
        /// - Throws: `VaultError` when there is no room for temporary files.
        public mutating func append(_ key: KVKey) throws {
            try sorter.append(key, [], at: ReadPosition(number: count))
            count += 1
        }

        /// Puts them in order.
        ///
        /// - Returns: The keys.
        /// - Throws: `VaultError` when there is no room for temporary files; `CancellationError`.
        public consuming func finish() throws -> NamedKeys { try NamedKeys(sorter.finish()) }
    }

    private init(_ sorted: SortedRecords) throws {
        var writer = try KeySpool.Writer()
        var hash = SHA256()
        var common: [UInt8]?
        var last: KVKey?
        try sorted.forEachEntry { entry in
            if entry.key == last { return }
            last = entry.key
            try writer.append(entry.key)
            // With lengths, no two lists of keys give the same bytes.
            hash.update(data: Array("\(entry.key.utf8.count):".utf8) + entry.key.utf8)
            common = common.map { Array(zip($0, entry.key.utf8).prefix { $0 == $1 }.map(\.0)) } ?? entry.key.utf8
        }
        spool = try writer.finish()
        digest = SHA256Hex.text(hash.finalize())
        var bytes = common ?? []
        // No character is cut in two.
        while KVKey(utf8: bytes) == nil { bytes.removeLast() }
        commonPrefix = KVKey(utf8: bytes) ?? ""
    }
}
