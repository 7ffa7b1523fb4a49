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
}
