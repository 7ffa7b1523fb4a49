import Dispatch
import Glibc

/// A signal that asks the process to come to an end.
package enum StopSignal: Sendable, CaseIterable, CustomStringConvertible {
    /// Ctrl-C.
    case interrupt
    /// What `kill` and the system send.
    case terminate

    package var number: Int32 {
        switch self {
        case .interrupt: SIGINT
        case .terminate: SIGTERM
        }
    }

    package var description: String {
        switch self {
        case .interrupt: "SIGINT"
        case .terminate: "SIGTERM"
        }
    }

    /// The signals that come from now on, none of which ends the process any more.
    ///
    /// The first two are kept until somebody asks for them; nobody needs to know of a third.
    package static func arriving() async -> AsyncStream<StopSignal> {
        let (signals, arrival) = AsyncStream.makeStream(of: StopSignal.self, bufferingPolicy: .bufferingOldest(2))
        for signal in allCases {
            let source = DispatchSource.makeSignalSource(signal: signal.number, queue: .global())
            // The handler holds its source: without it the signal would be lost.
            source.setEventHandler { withExtendedLifetime(source) { _ = arrival.yield(signal) } }
            // Until it is registered, the signal still ends the process.
            await withCheckedContinuation { registered in
                source.setRegistrationHandler { registered.resume() }
                source.activate()
            }
        }
        return signals
    }
}
