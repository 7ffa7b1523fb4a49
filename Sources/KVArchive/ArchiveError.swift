public import KVModel

/// An archive that could not be written or read.
public struct ArchiveError: Error, Sendable, CustomStringConvertible {
    /// What went wrong, for programs: branch on this, never on ``message``.
    public var code: Code
    /// What went wrong, for people, without the place.
    public var message: String
    /// The file in question: its name in the archive, or the archive's path.
    public var file: String?
    /// The data frame in question, counted from 0, where one is known.
    public var frame: Int?
    /// The keys in question, where they are known.
    public var keys: KeyRange?
    /// The failure underneath, if there is one.
    public var cause: (any Error)?

    /// Describes a failure.
    public init(
        _ code: Code, _ message: String, file: String? = nil, frame: Int? = nil, keys: KeyRange? = nil,
        cause: (any Error)? = nil
    ) {
        self.code = code
        self.message = message
        self.file = file
        self.frame = frame
        self.keys = keys
        self.cause = cause
    }

    /// The place and the message.
    public var description: String {
        var place = file.map { "\($0): " } ?? ""
        if let frame { place += "frame \(frame): " }
        let range = keys.map { " (\($0))" } ?? ""
        return place + message + range + (cause.map { ": \($0)" } ?? "")
    }
}

/// Keys between which something is, as far as it is known.
public struct KeyRange: Hashable, Sendable, CustomStringConvertible {
    /// The last key known to lie before, if there is one.
    public var after: KVKey?
    /// The last key that may be inside, if it is known.
    public var through: KVKey?
    /// The first key known to lie behind, if there is one.
    public var before: KVKey?

    /// Names a range.
    public init(after: KVKey? = nil, through: KVKey? = nil, before: KVKey? = nil) {
        self.after = after
        self.through = through
        self.before = before
    }

    /// The range in words.
    public var description: String {
        let bounds = [
            after.map { "after \($0)" }, through.map { "up to \($0)" }, before.map { "before \($0)" },
        ].compactMap { $0 }
        return bounds.isEmpty ? "any key" : "keys \(bounds.joined(separator: " "))"
    }
}

extension ArchiveError {
    /// What went wrong, for programs; more codes may be added.
    public struct Code: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
        /// The code in kebab case.
        public let rawValue: String

        /// Wraps a code, known or not.
        public init(rawValue: String) { self.rawValue = rawValue }

        private init(_ rawValue: String) { self.rawValue = rawValue }

        /// The code in kebab case.
        public var description: String { rawValue }
    }
}

extension ArchiveError.Code {
    /// There is nothing at the path.
    public static let notFound = Self("not-found")
    /// There are files of an archive, but no manifest: a backup did not finish.
    public static let incomplete = Self("incomplete")
    /// The manifest is of something else than an archive of ours.
    public static let notAnArchive = Self("not-an-archive")
    /// The archive's major version is higher than this reader knows.
    public static let unsupportedVersion = Self("unsupported-version")
    /// The archive needs a feature that this reader does not know.
    public static let unsupportedFeature = Self("unsupported-feature")
    /// The manifest is not what the format says.
    public static let malformedManifest = Self("malformed-manifest")
    /// `parts.ndjson` is not what the format says.
    public static let malformedParts = Self("malformed-parts")
    /// A name in the archive could lead out of its folder.
    public static let unsafeName = Self("unsafe-name")
    /// Two statements of the archive exclude each other, such as a total and its summands.
    public static let contradiction = Self("contradiction")
    /// A file that the archive names is not there.
    public static let missingFile = Self("missing-file")
    /// A file is there that the archive does not name.
    public static let strangeFile = Self("strange-file")
    /// A file's bytes are not those that its SHA-256 was made of.
    public static let wrongHash = Self("wrong-hash")
    /// A file's length is not the one the archive names.
    public static let wrongSize = Self("wrong-size")
    /// A zstd frame cannot be decompressed.
    public static let malformedFrame = Self("malformed-frame")
    /// A line is not the canonical line of a record.
    public static let malformedRecord = Self("malformed-record")
    /// A record's key does not come after the one before it.
    public static let outOfOrder = Self("out-of-order")
    /// A part's key index or seek table does not fit its frames.
    public static let malformedIndex = Self("malformed-index")
    /// Something is larger than the format allows or the archive said.
    public static let tooLarge = Self("too-large")
    /// The path is taken.
    public static let exists = Self("exists")
    /// The caller asked for something that cannot be done.
    public static let misuse = Self("misuse")

    /// Lets a `catch` clause name a code: `catch ArchiveError.Code.incomplete`.
    public static func ~= (code: Self, error: any Error) -> Bool { (error as? ArchiveError)?.code == code }
}
