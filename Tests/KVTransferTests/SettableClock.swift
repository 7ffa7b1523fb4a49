import KVTransfer
import Synchronization

/// A clock that stands still until it is set.
final class SettableClock: Sendable {
    private let seconds: Mutex<Int64>

    init(_ seconds: Int64) { self.seconds = Mutex(seconds) }

    var time: UnixTime { UnixTime(seconds: seconds.withLock { $0 }) }
    func set(_ value: Int64) { seconds.withLock { $0 = value } }
}
