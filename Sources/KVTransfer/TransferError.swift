/// A job that could not start, or could not be finished, for a reason of its own rather than the API's or the archive's.
public struct TransferError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What went wrong, for programs.
    public var code: Code
    /// What went wrong, for people.
    public var message: String

    /// Describes a failure.
    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The message.
    public var description: String { message }

    /// What kind of failure it was; more kinds may come.
    public struct Code: RawRepresentable, Hashable, Sendable {
        /// The kind in kebab case.
        public let rawValue: String

        /// Wraps a kind.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// Lets a `catch` clause name a code.
        public static func ~= (code: Self, error: any Error) -> Bool { (error as? TransferError)?.code == code }

        /// The namespace to write to has keys, and nobody said that they may be overwritten.
        public static let targetNotEmpty = Code(rawValue: "target-not-empty")
        /// The archive is damaged, so that nothing was written.
        public static let archiveDamaged = Code(rawValue: "archive-damaged")
        /// No namespace has this id or title.
        public static let namespaceNotFound = Code(rawValue: "namespace-not-found")
        /// The job was asked to stop; run again, it goes on.
        public static let interrupted = Code(rawValue: "interrupted")
        /// Records expire too soon to be written, and nobody said what to do with them.
        public static let recordsExpiring = Code(rawValue: "records-expiring")
        /// A mirror would delete more keys than it may, so that nothing was written.
        public static let tooManyDeletions = Code(rawValue: "too-many-deletions")
        /// A mirror cannot tell which keys the source would have, so that nothing was written.
        public static let unknownScope = Code(rawValue: "unknown-scope")
        /// Renaming would give two keys one name, so that nothing was written.
        public static let keysCollide = Code(rawValue: "keys-collide")
        /// Renaming would give a key a name that no key can have, so that nothing was written.
        public static let keyUnusable = Code(rawValue: "key-unusable")
        /// The vault already holds archives of another account's namespace under this title.
        public static let namespaceMixUp = Code(rawValue: "namespace-mix-up")
    }
}
