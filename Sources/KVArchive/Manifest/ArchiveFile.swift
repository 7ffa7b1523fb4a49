/// The names of an archive's files.
enum ArchiveFile {
    static let manifest = "manifest.json"
    static let parts = "parts.ndjson"
    static let checksums = "SHA256SUMS"
    static let restore = "RESTORE.txt"

    /// The name of a part: numbers have at least six digits, so that parts sort by name.
    static func part(_ index: Int) -> String {
        let digits = String(index)
        return "part-" + String(repeating: "0", count: max(0, 6 - digits.count)) + digits + ".ndjson.zst"
    }

    /// The number of the part that is named so, or `nil` if no part is.
    static func partNumber(_ name: String) -> Int? {
        guard name.hasPrefix("part-"), name.hasSuffix(".ndjson.zst"),
            let number = Int(name.dropFirst("part-".count).dropLast(".ndjson.zst".count)), number >= 0,
            part(number) == name
        else { return nil }
        return number
    }
}
