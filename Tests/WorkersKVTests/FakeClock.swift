import Synchronization
import WorkersKV

/// A clock on which waiting takes no time.
final class FakeClock: Sendable {
    private let time = Mutex(0.0)
    private let unixStart: Double

    init(unixStart: Double = 1_790_000_000) { self.unixStart = unixStart }

    /// Seconds since the start.
    var now: Double { time.withLock { $0 } }

    /// The clock for a client.
    var clock: PaceClock {
        PaceClock(
            now: { self.now },
            unixNow: { self.unixStart + self.now },
            sleep: { seconds in
                try Task.checkCancellation()
                self.time.withLock { $0 += seconds }
                await Task.yield()
            }
        )
    }
}

/// What several tasks have collected.
final class Collected<Element: Sendable>: Sendable {
    private let elements = Mutex<[Element]>([])

    var all: [Element] { elements.withLock { $0 } }

    func append(_ element: Element) { elements.withLock { $0.append(element) } }
}
