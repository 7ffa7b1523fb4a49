import KVModel
import Synchronization

/// Something in a request that has no effect, or not the one that it seems to have; the API says nothing of it.
package struct RequestWarning: Hashable, Sendable {
    /// What sort of thing it is; of each sort a server speaks once.
    package enum Kind: Hashable, Sendable {
        /// A name that nothing reads: of a form's part, a parameter or a member.
        case unreadPart, unreadParameter, unreadMember
        /// A name that stands there again, of which the first counts.
        case repeatedPart, repeatedParameter
        /// An expiration beside an `expiration_ttl`, which wins.
        case bothTimes
        /// A number of which only the start is read.
        case cutNumber
        /// A moment that nobody will live to see.
        case farExpiration
    }

    package var kind: Kind
    /// The fact, as a part of a sentence.
    package var text: String

    package init(_ kind: Kind, _ text: String) {
        self.kind = kind
        self.text = text
    }

    /// A name for a message: quoted, escaped, and not longer than a line.
    static func quoted(_ name: String) -> String { KeyRule.abbreviated(KVKey(name)) }
}

/// Collects the warnings of one request, the first of each kind.
final class RequestWarnings: Sendable {
    private let found = Mutex<[RequestWarning]>([])

    /// Adds a warning.
    func add(_ warning: RequestWarning) {
        found.withLock { found in
            if !found.contains(where: { $0.kind == warning.kind }) { found.append(warning) }
        }
    }

    /// The warnings so far.
    var all: [RequestWarning] { found.withLock { $0 } }
}

/// Says each kind of warning once, for somebody who watches the server.
final class WarningVoice: Sendable {
    private let log: @Sendable (String) -> Void
    private let said = Mutex<Set<RequestWarning.Kind>>([])

    init(_ log: @escaping @Sendable (String) -> Void) { self.log = log }

    /// Says those of an operation's warnings that are of a new kind.
    func say(_ warnings: [RequestWarning], _ operation: String) {
        for warning in warnings where said.withLock({ $0.insert(warning.kind).inserted }) {
            log("warning: \(operation): \(warning.text); more of this kind are only noted in the request log")
        }
    }
}
