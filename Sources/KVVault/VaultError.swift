/// Something that a vault could not do.
public struct VaultError: Error, Sendable, CustomStringConvertible {
    /// What went wrong, for programs: branch on this, never on ``message``.
    public var code: Code
    /// The file or folder in question, as a path of the file system where there is one.
    public var path: String
    /// What went wrong, for people: a sentence that names the path.
    public var message: String

    /// Describes a failure.
    ///
    /// - Parameters:
    ///   - code: What went wrong, for programs.
    ///   - path: The file or folder in question.
    ///   - predicate: What is wrong with it: the sentence after its name.
    public init(_ code: Code, path: String, _ predicate: String) {
        self.code = code
        self.path = path
        message = "\(Self.quoted(path)) \(predicate)"
    }

    /// The message.
    public var description: String { message }

    /// A path in quotes, without control characters that would move a terminal's cursor.
    static func quoted(_ path: String) -> String {
        var out = "\""
        for scalar in path.unicodeScalars {
            let isControl = scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
            out += isControl ? "\\u{\(String(scalar.value, radix: 16))}" : String(scalar)
        }
        return out + "\""
    }
}

extension VaultError {
    /// What went wrong, for programs; more codes may be added.
    public struct Code: RawRepresentable, Hashable, Sendable {
        /// The code in kebab case.
        public let rawValue: String

        /// Wraps a code, known or not.
        public init(rawValue: String) { self.rawValue = rawValue }

        private init(_ rawValue: String) { self.rawValue = rawValue }
    }
}

extension VaultError.Code {
    /// There is no such file.
    public static let notFound = Self("not-found")
    /// A file or something else stands where a folder should be.
    public static let notAFolder = Self("not-a-folder")
    /// A folder, a symbolic link or something else stands where a regular file should be.
    public static let notAFile = Self("not-a-file")
    /// The user who runs this may not do it.
    public static let permissionDenied = Self("permission-denied")
    /// The file system or the user's quota is full, or the file too large for it.
    public static let noSpace = Self("no-space")
    /// A file of that name is there already.
    public static let exists = Self("exists")
    /// Someone else holds the lock.
    public static let locked = Self("locked")
    /// The name could lead out of the vault or mean two things.
    public static let unsafeName = Self("unsafe-name")
    /// The file is larger than the caller allowed.
    public static let tooLarge = Self("too-large")
    /// The storage failed in another way; the message holds its words.
    public static let io = Self("io")

    /// Lets a `catch` clause name a code: `catch VaultError.Code.notFound`.
    public static func ~= (code: Self, error: any Error) -> Bool { (error as? VaultError)?.code == code }
}
