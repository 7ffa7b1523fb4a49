import Synchronization

/// Where one task hands elements to one other: whoever comes first waits for the other, or for its own cancellation.
///
/// No element is lost or doubled: `send` returns if and only if `receive` has returned the element, whatever is cancelled
/// meanwhile. There is one sender and one receiver, each with one call at a time; a second one is a programmer's mistake.
package final class Rendezvous<Element: Sendable>: Sendable {
    private enum State {
        case empty
        case offered(Element, CheckedContinuation<Void, any Error>)
        case wanted(CheckedContinuation<Element, any Error>)
    }

    private let state = Mutex(State.empty)

    package init() {}

    /// Whether a sender waits for its element to be taken.
    package var hasOffer: Bool {
        state.withLock { state in
            if case .offered = state { true } else { false }
        }
    }

    /// Whether a receiver waits for an element.
    package var isWanted: Bool {
        state.withLock { state in
            if case .wanted = state { true } else { false }
        }
    }

    /// Hands over an element, and waits until it is taken.
    ///
    /// - Throws: `CancellationError`; then nobody has the element.
    package func send(_ element: Element) async throws {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { offer(element, $0) }
        } onCancel: {
            withdrawOffer()
        }
    }

    /// Takes an element, and waits until there is one.
    ///
    /// - Throws: `CancellationError`; then no element is gone.
    package func receive() async throws -> Element {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { want($0) }
        } onCancel: {
            withdrawWish()
        }
    }

    private func offer(_ element: Element, _ sender: CheckedContinuation<Void, any Error>) {
        let receiver: CheckedContinuation<Element, any Error>? = state.withLock { state in
            switch state {
            case .wanted(let receiver):
                state = .empty
                return receiver
            case .empty: state = .offered(element, sender)
            case .offered: preconditionFailure("two senders at one rendezvous")
            }
            return nil
        }
        if let receiver {
            receiver.resume(returning: element)
            sender.resume()
        }
        // A cancellation that came before the offer found nothing to withdraw.
        if Task.isCancelled { withdrawOffer() }
    }

    private func want(_ receiver: CheckedContinuation<Element, any Error>) {
        let offer: (element: Element, sender: CheckedContinuation<Void, any Error>)? = state.withLock { state in
            switch state {
            case .offered(let element, let sender):
                state = .empty
                return (element, sender)
            case .empty: state = .wanted(receiver)
            case .wanted: preconditionFailure("two receivers at one rendezvous")
            }
            return nil
        }
        if let offer {
            receiver.resume(returning: offer.element)
            offer.sender.resume()
        }
        if Task.isCancelled { withdrawWish() }
    }

    private func withdrawOffer() {
        let sender: CheckedContinuation<Void, any Error>? = state.withLock { state in
            guard case .offered(_, let sender) = state else { return nil }
            state = .empty
            return sender
        }
        sender?.resume(throwing: CancellationError())
    }

    private func withdrawWish() {
        let receiver: CheckedContinuation<Element, any Error>? = state.withLock { state in
            guard case .wanted(let receiver) = state else { return nil }
            state = .empty
            return receiver
        }
        receiver?.resume(throwing: CancellationError())
    }
}
