import CommandArguments
import Foundation
import KVServer
import KVTransfer
import Synchronization

/// One run of the command: reads the command line, runs, listens for signals and ends the process with the right status.
struct CommandRun {
    /// The wish that the run come to an early end, which a first signal raises; jobs that can be gone on with heed it.
    static let stop = StopRequest()
    /// How long a job may take to finish what is in flight after a first signal.
    private static let stopGrace = Duration.seconds(5)

    private let arguments: [String]

    init(_ arguments: [String]) { self.arguments = arguments }

    /// Runs the command and ends the process.
    func runAndExit() async -> Never {
        guard Self.argumentsAreText else {
            StandardError.line(
                "kvark: an argument is not UTF-8; a value that is not text goes through --path or a file")
            exit(.wrongUsage)
        }
        do {
            switch try Kvark.parse(arguments) {
            case .command(let invocation): await runAndExit(invocation)
            case .text(let text): try StandardOutput.write(Array(text.utf8))
            }
            exit(.done)
        } catch {
            exitWith(error)
        }
    }

    /// Whether all arguments are UTF-8.
    ///
    /// Swift would replace what is not, and a key would become another key.
    private static var argumentsAreText: Bool {
        (0..<Int(CommandLine.argc)).allSatisfy { index in
            guard let argument = CommandLine.unsafeArgv[index] else { return true }
            return String(validatingCString: argument) != nil
        }
    }

    private func runAndExit(_ invocation: Invocation) async -> Never {
        let received = ReceivedSignal()
        do {
            try await run(invocation, until: received)
            exit(.done)
        } catch let finding as CommandFinding {
            // The command came to its end in spite of a signal, and has said what that is.
            exit(finding.status)
        } catch let error as KVServerError {
            // A server that is stopped by a signal ends well, unless this is wrong.
            exitWith(error)
        } catch {
            guard let signal = received.first else { exitWith(error) }
            StandardError.line("kvark: interrupted by \(signal)")
            if Self.stop.isHeeded { StandardError.line("hint: \(Hints.resumption)") }
            exit(ExitStatus(interruptedBy: signal))
        }
    }

    /// Stops the command on the first signal, and ends the process at once on the second.
    ///
    /// A command that can be gone on with finishes what is in flight, if that does not take long; others are cancelled.
    private func run(_ invocation: Invocation, until received: ReceivedSignal) async throws {
        let signals = await StopSignal.arriving()
        // Two tasks of their own rather than a group: a signal must cancel the command and leave the listener alone.
        // Both end with this function.
        let command = Task { try await invocation.run() }
        let listener = Task {
            for await signal in signals {
                guard received.isFirst(signal) else { _exit(ExitStatus(interruptedBy: signal).rawValue) }
                Self.stop.request()
                if Self.stop.isHeeded {
                    // Not in the listener's own time: it must hear a second signal.
                    Task {
                        try? await Task.sleep(for: Self.stopGrace)
                        command.cancel()
                    }
                } else {
                    command.cancel()
                }
            }
        }
        defer { listener.cancel() }
        try await command.value
        // A command that ends well in spite of a signal, such as the server, has done what the signal asked for.
    }

    /// Says what went wrong, and what to do.
    static func report(_ error: any Error) {
        StandardError.line("kvark: \(Hints.describe(error))")
        for hint in Hints.hints(for: error) { StandardError.line("hint: \(hint)") }
    }

    private func exitWith(_ error: any Error) -> Never {
        switch error {
        case is StandardOutput.Closed: exit(.unread)
        case let error as UsageError:
            StandardError.write(TerminalText.safe(error.text()))
            exit(.wrongUsage)
        default:
            Self.report(error)
            exit(ExitStatus(of: error) ?? .failed)
        }
    }

    private func exit(_ status: ExitStatus) -> Never { Foundation.exit(status.rawValue) }
}

/// The first signal that came, for the task that reports the end.
final class ReceivedSignal: Sendable {
    private let state = Mutex<StopSignal?>(nil)

    var first: StopSignal? { state.withLock { $0 } }

    /// Notes a signal; whether it is the first.
    func isFirst(_ signal: StopSignal) -> Bool {
        state.withLock { state in
            guard state == nil else { return false }
            state = signal
            return true
        }
    }
}
