import Foundation
import KVTransfer
import Synchronization

/// Results go to standard output, byte for byte.
enum StandardOutput {
    /// Whoever read standard output has gone, as `head` does; not worth a message.
    struct Closed: Error {}

    /// One at a time writes, so that lines of several jobs do not mix.
    private static let turn = Mutex(())

    /// Writes bytes.
    ///
    /// - Throws: ``Closed`` when nobody reads any more; ``CommandFailure`` when the output cannot be written.
    static func write(_ bytes: [UInt8]) throws {
        try turn.withLock { _ in try writeAlone(bytes) }
    }

    private static func writeAlone(_ bytes: [UInt8]) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Foundation.write(STDOUT_FILENO, $0.baseAddress, $0.count) }
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if errno == EPIPE {
                throw Closed()
            } else if errno != EINTR, errno != EAGAIN {
                throw CommandFailure("cannot write to standard output: \(String(cString: strerror(errno)))")
            }
        }
    }

    /// Whether a person is watching.
    private static let isTerminal = isatty(STDOUT_FILENO) == 1

    /// Writes a line of text: as it is for a program, and safe for a terminal.
    static func line(_ text: String) throws {
        try write(Array("\(isTerminal ? TerminalText.safe(text) : text)\n".utf8))
    }
}

/// Standard output in the place of a file.
final class StandardOutputWriter: VaultWriter {
    func write(_ bytes: [UInt8]) async throws { try StandardOutput.write(bytes) }

    /// Nothing is left to do: what was written has gone out.
    func publish() async throws {}

    /// What has gone out cannot be taken back; the exit code says that it is not whole.
    func abandon() async {}
}

/// Everything else goes to standard error.
enum StandardError {
    /// Whether a person is watching.
    static let isTerminal = isatty(STDERR_FILENO) == 1

    /// What each line begins with: the namespace it is about, where several are worked on at once.
    @TaskLocal static var prefix = ""

    /// Writes a line; a standard error that cannot be written to is no reason to stop.
    static func line(_ text: String) {
        // On a terminal, in the place of a progress line that may be there.
        write("\(isTerminal ? "\r\u{1B}[K" : "")\(TerminalText.safe(prefix + text))\n")
    }

    /// Held while something is written, as for standard output.
    private static let turn = Mutex(())

    /// Writes text as it is.
    static func write(_ text: String) {
        turn.withLock { _ in try? FileHandle.standardError.write(contentsOf: Data(text.utf8)) }
    }
}
