import Glibc
import KVModel

/// A key that stands in some bytes and is copied only where it must be.
enum KeyPlace {
    /// A key whose bytes stand there as they are.
    case bare(Range<Int>)
    /// A key that had escapes.
    case copied(KVKey)

    /// The key of a line.
    init(_ outline: RecordOutline, in bytes: UnsafeRawBufferPointer) {
        self = outline.isKeyEscaped ? .copied(outline.key(in: bytes)) : .bare(outline.key)
    }

    /// The key itself.
    func key(in bytes: UnsafeRawBufferPointer) -> KVKey {
        switch self {
        case .bare(let range): KVKey(validUTF8: Array(bytes[range]))
        case .copied(let key): key
        }
    }

    /// Whether the key comes after another one of the same bytes.
    func comes(after other: KeyPlace, in bytes: UnsafeRawBufferPointer) -> Bool {
        guard case .bare(let own) = self, case .bare(let others) = other, let base = bytes.baseAddress else {
            return key(in: bytes) > other.key(in: bytes)
        }
        let order = memcmp(base + own.lowerBound, base + others.lowerBound, min(own.count, others.count))
        return order == 0 ? own.count > others.count : order > 0
    }
}
