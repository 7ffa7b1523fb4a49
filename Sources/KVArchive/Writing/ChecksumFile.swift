/// The digests of an archive's files in the form of `sha256sum`: `SHA256SUMS`.
struct ChecksumFile: Equatable {
    /// The SHA-256 of each file, by name; every file of the archive but this one.
    var digests: [String: String] = [:]

    /// The lines, sorted by the bytes of the names, so that the same files give the same text.
    var text: [UInt8] {
        let names = digests.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        return names.flatMap { Array("\(digests[$0, default: ""])  \($0)\n".utf8) }
    }

    /// The digests that a text names, as far as it has the form; to tell which of them are wrong.
    static func parse(_ text: [UInt8]) -> [String: String] {
        var digests: [String: String] = [:]
        for line in text.split(separator: 0x0A) {
            let line = String(decoding: line, as: UTF8.self)
            guard let separator = line.firstRange(of: "  "),
                SHA256Hex.isWellFormed(String(line[..<separator.lowerBound]))
            else { continue }
            digests[String(line[separator.upperBound...])] = String(line[..<separator.lowerBound])
        }
        return digests
    }
}
