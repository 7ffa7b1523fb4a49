import Synchronization

/// What a server said.
final class Lines: Sendable {
    private let lines = Mutex<[String]>([])

    /// The lines so far.
    var all: [String] { lines.withLock { $0 } }

    /// Takes a line.
    @Sendable func add(_ line: String) { lines.withLock { $0.append(line) } }
}
