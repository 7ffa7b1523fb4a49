import KVModel

/// The name of an archive's folder: when it was started, and a number if several were started in the same second.
struct ArchiveName: Equatable {
    var startedAt: UnixTime
    /// 1 for the first of a second, which has no number in its name.
    var number: Int

    /// Reads the last segment of a path, or gives `nil` if no archive is named so.
    init?(ofPath path: String) {
        let name = Array((path.split(separator: "/").last ?? "").utf8)
        let timeBytes = "2026-11-23T130501Z".utf8.count
        guard name.count >= timeBytes else { return nil }
        func text(_ range: Range<Int>) -> String { String(decoding: name[range], as: UTF8.self) }
        guard let time = UTCTime.parse("\(text(0..<13)):\(text(13..<15)):\(text(15..<18))") else { return nil }
        startedAt = time
        number = 1
        if name.count == timeBytes { return }
        let suffix = text(timeBytes..<name.count)
        guard let number = Int(suffix.dropFirst()), number > 1, suffix == "-\(number)" else { return nil }
        self.number = number
    }

    /// Whether the first of two archives was started before the second.
    static func isInOrder(_ path: String, _ other: String) -> Bool {
        guard let one = ArchiveName(ofPath: path), let two = ArchiveName(ofPath: other) else { return path < other }
        return (one.startedAt, one.number) < (two.startedAt, two.number)
    }
}
