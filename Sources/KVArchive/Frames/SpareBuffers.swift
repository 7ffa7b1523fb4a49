import Synchronization

/// Buffers that were used and may be used again: asking the system for megabytes, over and over, takes longer than filling
/// them.
final class SpareBuffers: Sendable {
    private let buffers = Mutex<[[UInt8]]>([])
    private let limit: Int
    private let bytesMaximum: Int

    /// Keeps so many buffers at most, and none that is larger.
    init(limit: Int, bytesMaximum: Int = .max) {
        self.limit = limit
        self.bytesMaximum = bytesMaximum
    }

    /// A buffer with anything in it, or an empty one.
    func take() -> [UInt8] { buffers.withLock { $0.popLast() } ?? [] }

    /// Gives a buffer back.
    func give(_ buffer: consuming [UInt8]) {
        let given = buffer
        guard given.capacity <= bytesMaximum else { return }
        buffers.withLock { if $0.count < limit { $0.append(given) } }
    }
}
