import KVTransfer
import Synchronization

/// One line on the terminal that says how far a job is; nothing where no person watches.
final class ProgressLine: Sendable {
    private struct State {
        var lastDrawn: ContinuousClock.Instant?
        var isVisible = false
    }

    private let verb: String
    private let isEnabled: Bool
    private let estimate: Int?
    private let start = ContinuousClock.now
    private let state = Mutex(State())

    /// A line for a job.
    ///
    /// - Parameters:
    ///   - verb: What the job is doing, such as `reading`.
    ///   - output: Whether the user wants to see it.
    ///   - estimate: How many records there may be, where nothing better is known.
    init(_ verb: String, _ output: OutputOptions, estimate: Int? = nil) {
        self.verb = verb
        self.estimate = estimate
        isEnabled = StandardError.isTerminal && !output.quiet
    }

    /// How long the job has taken so far.
    var elapsed: Duration { ContinuousClock.now - start }

    /// Draws the line, ten times a second at the most.
    var receiver: ProgressReceiver {
        { [self] progress in
            guard isEnabled else { return }
            let isDue = state.withLock { state in
                let now = ContinuousClock.now
                if let last = state.lastDrawn, now - last < .milliseconds(100) { return false }
                state.lastDrawn = now
                state.isVisible = true
                return true
            }
            if isDue { StandardError.write("\r\u{1B}[K\(text(progress))") }
        }
    }

    /// Removes the line.
    func clear() {
        let wasVisible = state.withLock { state in
            defer { state.isVisible = false }
            return state.isVisible
        }
        if wasVisible { StandardError.write("\r\u{1B}[K") }
    }

    private func text(_ progress: JobProgress) -> String {
        let seconds = max(elapsed.seconds, 0.001)
        let rate = Double(progress.records) / seconds
        var parts = [
            "\(verb) \(Amounts.count(progress.records, "key"))", "\(Amounts.count(Int(bounded: rate)))/s",
            Amounts.bytes(progress.valueBytes),
        ]
        if progress.requests > 0 { parts.append(Amounts.count(progress.requests, "request")) }
        if let left = timeLeft(progress, rate) { parts.append(left) }
        return parts.joined(separator: " · ")
    }

    private func timeLeft(_ progress: JobProgress, _ rate: Double) -> String? {
        guard let total = progress.recordsExpected ?? estimate, total > progress.records, rate > 0 else { return nil }
        let left = Duration.bounded(seconds: Double(total - progress.records) / rate)
        let sign = progress.recordsExpected == nil ? "about " : ""
        return "\(sign)\(Amounts.duration(left)) left"
    }
}
