/// Keys in ascending order, in a temporary file: more than memory holds.
final class KeySpool: Sendable {
    private static let bufferBytes = 1 << 20
    private static let lengthBytes = 4

    /// How many keys there are.
    let count: Int
    /// The first of them.
    let first: KVKey?
    private let file: Descriptor
    private let bytes: Int

    private init(file: consuming Descriptor, bytes: Int, count: Int, first: KVKey?) {
        self.file = file
        self.bytes = bytes
        self.count = count
        self.first = first
    }

    /// Gathers keys.
    struct Writer: ~Copyable {
        private let file: Descriptor
        private var buffer: [UInt8] = []
        private var written = 0
        private var count = 0
        private var first: KVKey?

        init() throws(VaultError) { file = try Descriptor.temporary() }

        mutating func append(_ key: KVKey) throws(VaultError) {
            first = first ?? key
            count += 1
            // A list may hold keys that KV does not allow, up to the size of an answer.
            withUnsafeBytes(of: UInt32(key.utf8.count).littleEndian) { buffer += $0 }
            buffer += key.utf8
            if buffer.count >= KeySpool.bufferBytes { try flush() }
        }

        consuming func finish() throws(VaultError) -> KeySpool {
            try flush()
            return KeySpool(file: file, bytes: written, count: count, first: first)
        }

        private mutating func flush() throws(VaultError) {
            try file.writeAll(buffer, path: Descriptor.temporaryFolder)
            written += buffer.count
            buffer.removeAll(keepingCapacity: true)
        }
    }

    /// Reads the keys of a spool from the first on.
    struct Reader {
        private let spool: KeySpool
        private var buffer: ArraySlice<UInt8> = []
        private var offset = 0
        private var head: KVKey?

        init(_ spool: KeySpool) { self.spool = spool }

        /// The next key, which stays the next until it is taken.
        mutating func peek() throws(VaultError) -> KVKey? {
            if head == nil, let length = try take(KeySpool.lengthBytes) {
                let count = length.reversed().reduce(0) { $0 << 8 | Int($1) }
                head = KVKey(validUTF8: Array(try take(count) ?? []))
            }
            return head
        }

        /// Takes the next key.
        mutating func next() throws(VaultError) -> KVKey? {
            let key = try peek()
            head = nil
            return key
        }

        private mutating func take(_ count: Int) throws(VaultError) -> ArraySlice<UInt8>? {
            if buffer.count < count {
                guard offset < spool.bytes else { return nil }
                let more = min(KeySpool.bufferBytes, spool.bytes - offset)
                buffer = (buffer + (try spool.file.read(more, at: offset, path: Descriptor.temporaryFolder)))[...]
                offset += more
            }
            defer { buffer = buffer.dropFirst(count) }
            return buffer.prefix(count)
        }
    }
}
