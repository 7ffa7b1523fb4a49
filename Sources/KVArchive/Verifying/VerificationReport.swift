/// What checking an archive found: a value, because damage is an answer and not a failure of the check.
public struct VerificationReport: Hashable, Sendable {
    /// What is wrong, in the order of the files; empty for a sound archive.
    public var damages: [Damage] = []
    /// The parts that were read, by their number; all of them unless told otherwise.
    public var partsChecked: [Int] = []
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

/// How much of an archive is checked.
public enum VerificationDepth: Hashable, Sendable {
    /// The small files and their sums, and whether all parts are there with their sizes.
    ///
    /// A changed byte in a part is not found.
    case quick
    /// What ``quick`` checks, and every byte and record of these parts, by their number.
    case parts(Set<Int>)
    /// Every byte and every record.
    case everything

    /// A random share of an archive's parts, at least one of them.
    ///
    /// - Parameters:
    ///   - share: The share, above 0 and up to 1.
    ///   - count: How many parts the archive has.
    ///   - generator: Where chance comes from.
    /// - Returns: The depth that checks these parts.
    public static func sample(
        _ share: Double, of count: Int, using generator: inout some RandomNumberGenerator
    ) -> VerificationDepth {
        let wanted = Int(bounded: (share * Double(count)).rounded(.up))
        return .parts(Set((0..<count).shuffled(using: &generator).prefix(max(1, min(count, wanted)))))
    }

    func includes(part number: Int) -> Bool {
        switch self {
        case .quick: false
        case .parts(let numbers): numbers.contains(number)
        case .everything: true
        }
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
