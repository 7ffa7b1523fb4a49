import Foundation
import KVExchange
import KVServer
import KVTransfer

/// How the process ends; an unknown status is a failure.
enum ExitStatus: Int32 {
    case done = 0
    case failed = 1
    /// The job is finished, but some keys could not be read or written; each is named.
    case holes = 3
    /// A comparison found differences, or a check found damage.
    case differences = 4
    /// Another run holds the vault.
    case locked = 5
    /// The command line is wrong.
    case wrongUsage = 64
    /// Whoever read standard output has gone: as of a process that SIGPIPE ends.
    case unread = 141
    case interrupted = 130
    case terminated = 143

    /// The status for a run that a signal ended.
    init(interruptedBy signal: StopSignal) { self = signal == .terminate ? .terminated : .interrupted }

    /// The status for an error of ours; `nil` for those that are wrong usage, or no error.
    init?(of error: any Error) {
        switch error {
        case let error as VaultError where error.code == .locked: self = .locked
        case let error as TransferError where error.code == .archiveDamaged: self = .differences
        case is KVError, is ArchiveError, is VaultError, is TransferError, is KVServerError, is ExchangeError,
            is CommandFailure, is CancellationError:
            self = .failed
        case is CocoaError, is POSIXError: self = .failed
        default: return nil
        }
    }
}

/// The command has done and said all it can, and the outcome is not a plain success.
struct CommandFinding: Error {
    let status: ExitStatus
}

/// A failure that only the command knows of, such as a file it cannot read.
struct CommandFailure: Error, CustomStringConvertible {
    let description: String
    let hint: String?

    init(_ description: String, hint: String? = nil) {
        self.description = description
        self.hint = hint
    }
}
