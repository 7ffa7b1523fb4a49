import Foundation
import Synchronization

/// Asks the person at the terminal.
enum Prompt {
    /// Asks a question, which wants one answer and no other.
    ///
    /// - Parameters:
    ///   - question: The question, and what to type.
    ///   - answer: What has to be typed.
    /// - Returns: Whether it was; never without a terminal, nor once the task is cancelled.
    static func confirms(_ question: String, answer: String) async -> Bool {
        guard isatty(STDIN_FILENO) == 1 else { return false }
        StandardError.write("\(TerminalText.safe(question)): ")
        return await typedLine().map { $0.utf8.elementsEqual(answer.utf8) } ?? false
    }

    /// A line is read by a thread of its own, because nothing ends the wait for one: an interruption goes on without it.
    private static func typedLine() async -> String? {
        let waiting = Waiting()
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                waiting.begin(continuation)
                Thread.detachNewThread { waiting.end(readLine()) }
            }
        } onCancel: {
            waiting.end(nil)
        }
    }

    /// A wait that ends once.
    private final class Waiting: Sendable {
        private enum State {
            case notBegun
            case begun(CheckedContinuation<String?, Never>)
            case ended
        }

        private let state = Mutex(State.notBegun)

        func begin(_ continuation: CheckedContinuation<String?, Never>) {
            let hasEnded = state.withLock { state in
                if case .ended = state { return true }
                state = .begun(continuation)
                return false
            }
            if hasEnded { continuation.resume(returning: nil) }
        }

        func end(_ line: String?) {
            let continuation: CheckedContinuation<String?, Never>? = state.withLock { state in
                defer { state = .ended }
                if case .begun(let continuation) = state { return continuation }
                return nil
            }
            continuation?.resume(returning: line)
        }
    }
}
