/// A request that has been permitted.
package struct PaceTicket: Hashable, Sendable {
    /// Grows from request to request.
    package var number: Int
    /// When the request was permitted.
    package var sentAt: Double
    /// Whether others wait for its answer.
    package var isProbe: Bool
}

/// What a request that asks to be sent is told.
package enum PaceTurn: Hashable, Sendable {
    /// Why a request has to wait.
    package enum Cause: Hashable, Sendable {
        /// Requests are spread over the window.
        case spacing
        /// One request finds out first whether a limit is over.
        case probe
        /// What is left of the window is not ours.
        case reserve
        /// The server answered 429.
        case blocked
    }

    /// Now.
    case go(PaceTicket)
    /// Ask again after some seconds.
    case wait(Double, Cause)
}
