/// What checking an archive found: a value, because damage is an answer and not a failure of the check.
public struct VerificationReport: Hashable, Sendable {
    /// What is wrong, in the order of the files; empty for a sound archive.
    public var damages: [Damage] = []
    /// The files that were hashed.
    public var filesChecked = 0
    /// The bytes that were hashed.
    public var bytesChecked = 0
    /// The parts that were read to their end without fault.
    public var partsSound = 0
    /// The records that were read, each one in canonical form and in order.
    public var recordsRead = 0

    /// Whether nothing is wrong.
    public var isSound: Bool { damages.isEmpty }

    /// Nothing checked yet.
    public init() {}
}

/// Something wrong with an archive.
public struct Damage: Hashable, Sendable, CustomStringConvertible {
    /// What is wrong, for programs.
    public var code: ArchiveError.Code
    /// The file in question, by its name in the archive.
    public var file: String
    /// What is wrong, for people.
    public var message: String
    /// The data frame in question, counted from 0, where it is known.
    public var frame: Int?
    /// The keys in question, where they are known.
    public var keys: KeyRange?

    /// Describes a damage.
    public init(
        _ code: ArchiveError.Code, file: String, _ message: String, frame: Int? = nil, keys: KeyRange? = nil
    ) {
        self.code = code
        self.file = file
        self.message = message
        self.frame = frame
        self.keys = keys
    }

    /// The damage that an error of reading tells of.
    init(_ error: ArchiveError, file: String) {
        let cause = error.cause.map { ": \($0)" } ?? ""
        self.init(
            error.code, file: error.file ?? file, error.message + cause, frame: error.frame, keys: error.keys)
    }

    /// The place and what is wrong there.
    public var description: String {
        ArchiveError(code, message, file: file, frame: frame, keys: keys).description
    }
}

/// How far a check has come.
public struct VerificationProgress: Hashable, Sendable {
    /// The parts that have been read.
    public var parts: Int
    /// The parts that there are.
    public var partsTotal: Int
    /// The records that have been read.
    public var records: Int
    /// The records that there should be.
    public var recordsTotal: Int
}
