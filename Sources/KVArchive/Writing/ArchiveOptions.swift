import Glibc
public import KVModel

/// How an archive is written.
public struct ArchiveOptions: Sendable {
    /// The levels of zstd that may be asked for.
    public static let compressionLevels = 1...19

    /// The level of zstd: higher is smaller and slower.
    public var compressionLevel = 3
    /// A frame ends before the line that would bring it over so many bytes of record lines.
    public var frameBytes = 4 << 20
    /// A part ends before the line that would bring it over so many bytes of record lines.
    public var partBytes = 128 << 20
    /// How many frames are compressed at the same time.
    public var compressorCount = 2
    /// What tells the archive from all others; made up if there is none.
    public var id: String?
    /// The time of day.
    public var now: @Sendable () -> UnixTime

    /// The usual options.
    public init() {
        now = { UnixTime(seconds: Int64(time(nil))) }
    }

    /// Refuses what cannot be done.
    func check() throws(ArchiveError) {
        let areSizesSound = frameBytes > 0 && partBytes > 0 && frameBytes <= 1 << 30
        guard Self.compressionLevels.contains(compressionLevel), areSizesSound, (1...64).contains(compressorCount)
        else { throw ArchiveError(.misuse, "the options for writing an archive are out of range") }
    }

    /// 128 random bits.
    package static func makeID() -> String {
        let digits = Array("0123456789abcdef")
        return String((0..<32).map { _ in digits[Int.random(in: 0..<16)] })
    }
}
