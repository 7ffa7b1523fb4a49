public import KVModel

/// The summary of an archive: `manifest.json`.
///
/// It is written last, so that an archive with a manifest is whole. `formats/archive-v1.md` says what each member means.
public struct Manifest: Hashable, Sendable {
    /// The value of `format` in every archive.
    public static let formatName = "kvark-archive"
    /// The version that this library writes, and the highest major version that it reads.
    public static let currentVersion = Version(major: 1, minor: 0)

    /// The version of the format.
    public var version = Manifest.currentVersion
    /// Features without which a reader would misunderstand the archive.
    public var requires: [String] = []
    /// What tells this archive from all others.
    public var id: String
    /// What kind of archive this is: `full` holds all that the source held.
    public var kind = "full"
    /// The program that wrote the archive.
    public var tool: Tool?
    /// When the first request was made.
    public var startedAt: UnixTime
    /// When the last record was written.
    public var finishedAt: UnixTime
    /// Where the records are from.
    public var source = ArchiveSource()
    /// The file with the list of parts.
    public var parts: Parts
    /// What is in the archive, in numbers.
    public var totals: ArchiveTotals
    /// The SHA-256 over all record lines in order, each with its line feed, in hexadecimal.
    public var contentDigest: String
    /// What reading the source took.
    public var read: ReadStatistics?
    /// The keys that could not be read; empty in a complete backup.
    public var holes: [Hole] = []
    /// How the records are compressed.
    public var compression: Compression?

    /// A summary with its required members.
    public init(
        id: String, startedAt: UnixTime, finishedAt: UnixTime, parts: Parts, totals: ArchiveTotals,
        contentDigest: String
    ) {
        self.id = id
        self.startedAt = startedAt
        self.finishedAt = finishedAt
        self.parts = parts
        self.totals = totals
        self.contentDigest = contentDigest
    }
}

extension Manifest {
    /// A version of the format: a reader of the same major version understands any minor one.
    public struct Version: Hashable, Sendable {
        /// Counts changes that older readers misunderstand.
        public var major: Int
        /// Counts additions that older readers may pass over.
        public var minor: Int

        /// Names a version.
        public init(major: Int, minor: Int) {
            self.major = major
            self.minor = minor
        }
    }

    /// A program.
    public struct Tool: Hashable, Sendable {
        /// What it is called.
        public var name: String
        /// Which one it is.
        public var version: String

        /// Names a program.
        public init(name: String, version: String) {
            self.name = name
            self.version = version
        }
    }

    /// The file with the list of parts.
    public struct Parts: Hashable, Sendable {
        /// How many parts there are.
        public var count: Int
        /// The SHA-256 of `parts.ndjson` in hexadecimal.
        public var sha256: String

        /// Describes the list.
        public init(count: Int, sha256: String) {
            self.count = count
            self.sha256 = sha256
        }
    }

    /// How the records are compressed.
    public struct Compression: Hashable, Sendable {
        /// The compression level, where it is known.
        public var level: Int?
        /// The version of libzstd, where it is known.
        public var libzstd: String?

        /// Describes a compression.
        public init(level: Int? = nil, libzstd: String? = nil) {
            self.level = level
            self.libzstd = libzstd
        }
    }
}

/// Where the records of an archive are from, as far as it is known.
public struct ArchiveSource: Hashable, Sendable {
    /// The base URL of the API.
    public var apiBaseURL: String?
    /// The account.
    public var accountID: AccountID?
    /// The namespace.
    public var namespaceID: NamespaceID?
    /// The namespace's title.
    public var namespaceTitle: String?
    /// The prefix of all keys, if not the whole namespace was asked for.
    public var prefix: KVKey?
    /// Further filters in words; empty if there were none.
    public var filters: [String]

    /// Describes a source.
    public init(
        apiBaseURL: String? = nil, accountID: AccountID? = nil, namespaceID: NamespaceID? = nil,
        namespaceTitle: String? = nil, prefix: KVKey? = nil, filters: [String] = []
    ) {
        self.apiBaseURL = apiBaseURL
        self.accountID = accountID
        self.namespaceID = namespaceID
        self.namespaceTitle = namespaceTitle
        self.prefix = prefix
        self.filters = filters
    }
}

/// What is in an archive, in numbers.
public struct ArchiveTotals: Hashable, Sendable {
    /// The records.
    public var records = 0
    /// The bytes of all record lines with their line feeds.
    public var rawBytes = 0
    /// The bytes of all parts.
    public var compressedBytes = 0
    /// The bytes of all values, as the API gives them.
    public var valueBytes = 0
    /// The values that are not UTF-8.
    public var base64Values = 0
    /// The records with metadata.
    public var recordsWithMetadata = 0
    /// The records that expire.
    public var recordsWithExpiration = 0
    /// When the first record expires.
    public var earliestExpiration: UnixTime?

    /// Nothing yet.
    public init() {}

    /// Counts a record.
    mutating func count(_ line: RecordLine) {
        records += 1
        rawBytes += line.text.count + 1
        valueBytes += line.valueBytes
        if line.isBase64 { base64Values += 1 }
        if line.hasMetadata { recordsWithMetadata += 1 }
        count(expiration: line.expiration)
    }

    /// Counts a record of which only the outline is known.
    mutating func count(_ outline: RecordOutline, lineBytes: Int) {
        records += 1
        rawBytes += lineBytes + 1
        valueBytes += outline.valueBytes
        if outline.isBase64 { base64Values += 1 }
        if outline.metadata != nil { recordsWithMetadata += 1 }
        count(expiration: outline.expiration)
    }

    private mutating func count(expiration: UnixTime?) {
        guard let expiration else { return }
        recordsWithExpiration += 1
        earliestExpiration = min(expiration, earliestExpiration ?? expiration)
    }

    /// Adds the sums over other records.
    mutating func add(_ others: ArchiveTotals) {
        records += others.records
        rawBytes += others.rawBytes
        compressedBytes += others.compressedBytes
        valueBytes += others.valueBytes
        base64Values += others.base64Values
        recordsWithMetadata += others.recordsWithMetadata
        recordsWithExpiration += others.recordsWithExpiration
        guard let expiration = others.earliestExpiration else { return }
        earliestExpiration = min(expiration, earliestExpiration ?? expiration)
    }
}

/// What reading a source took.
public struct ReadStatistics: Hashable, Sendable {
    /// The requests made, by kind, such as `list` and `bulkGet`.
    public var requests: [String: Int]
    /// The fewest requests that could have done it.
    public var floor: Int
    /// The requests that were made again.
    public var retries: Int
    /// The keys that the lists named.
    public var keysListed: Int
    /// The keys that were gone when they were to be read.
    public var keysVanished: Int
    /// The keys that were read more than once.
    public var keysReread: Int
    /// The keys that the lists named twice; the first time counts.
    public var keysDoubled = 0
    /// The requests that were made again, by what had gone wrong with them.
    public var retriesByCause: [String: Int] = [:]
    /// How often the list was begun again, because its cursor was not valid any more.
    public var listsRestarted = 0
    /// How many runs it took: one, and one more for each interruption.
    public var runs = 1
    /// What a second look at the list found, if there was one.
    public var settled: Settled?

    /// All requests together; stays at the largest number where a manifest claims more.
    public var requestsMade: Int {
        requests.values.boundedSum
    }

    /// What a second look at the list found after everything had been read.
    public struct Settled: Hashable, Sendable {
        /// When it began.
        public var startedAt: UnixTime
        /// When it ended.
        public var finishedAt: UnixTime
        /// The keys whose metadata or expiration had changed; they were read again.
        public var changed: Int
        /// The keys that had appeared; they were read.
        public var appeared: Int
        /// The keys that had gone; they are not in the archive.
        public var gone: Int

        /// Puts the findings together.
        public init(startedAt: UnixTime, finishedAt: UnixTime, changed: Int = 0, appeared: Int = 0, gone: Int = 0) {
            self.startedAt = startedAt
            self.finishedAt = finishedAt
            self.changed = changed
            self.appeared = appeared
            self.gone = gone
        }
    }

    /// Puts statistics together.
    public init(
        requests: [String: Int] = [:], floor: Int = 0, retries: Int = 0, keysListed: Int = 0, keysVanished: Int = 0,
        keysReread: Int = 0
    ) {
        self.requests = requests
        self.floor = floor
        self.retries = retries
        self.keysListed = keysListed
        self.keysVanished = keysVanished
        self.keysReread = keysReread
    }
}

/// A key that could not be read, and why.
public struct Hole: Hashable, Sendable {
    /// The key.
    public var key: KVKey
    /// Why it is missing, for people.
    public var reason: String

    /// Names a hole.
    public init(key: KVKey, reason: String) {
        self.key = key
        self.reason = reason
    }
}

/// What only the caller of a writer knows about an archive.
public struct ArchiveProvenance: Hashable, Sendable {
    /// What kind of archive this is.
    public var kind: String
    /// The program that wrote it.
    public var tool: Manifest.Tool
    /// When the first request was made.
    public var startedAt: UnixTime
    /// Where the records are from.
    public var source: ArchiveSource
    /// What reading took, if the source was read through the API.
    public var read: ReadStatistics?
    /// The keys that could not be read.
    public var holes: [Hole]

    /// Puts a provenance together.
    public init(
        kind: String = "full", tool: Manifest.Tool, startedAt: UnixTime, source: ArchiveSource = ArchiveSource(),
        read: ReadStatistics? = nil, holes: [Hole] = []
    ) {
        self.kind = kind
        self.tool = tool
        self.startedAt = startedAt
        self.source = source
        self.read = read
        self.holes = holes
    }
}
