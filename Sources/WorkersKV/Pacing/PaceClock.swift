import Foundation

/// The time and the waiting of pacers and retries, so that tests need neither.
package struct PaceClock: Sendable {
    /// Seconds since some moment, never going back.
    package var now: @Sendable () -> Double
    /// Seconds since 1970 in UTC, as far as the machine knows.
    package var unixNow: @Sendable () -> Double
    /// Waits for some seconds; throws at once when the task is cancelled.
    package var sleep: @Sendable (Double) async throws -> Void

    /// Puts a clock together.
    package init(
        now: @escaping @Sendable () -> Double, unixNow: @escaping @Sendable () -> Double,
        sleep: @escaping @Sendable (Double) async throws -> Void
    ) {
        self.now = now
        self.unixNow = unixNow
        self.sleep = sleep
    }

    private static let start = ContinuousClock.now

    /// The machine's clock.
    package static let system = PaceClock(
        now: { (ContinuousClock.now - start).inSeconds },
        unixNow: { Date().timeIntervalSince1970 },
        sleep: { try await Task.sleep(for: .bounded(seconds: $0)) }
    )
}

extension Duration {
    /// The duration in seconds.
    var inSeconds: Double { self / .seconds(1) }
}
