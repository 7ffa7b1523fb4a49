import JSONText
import KVArchive

/// Lists of parts: what is read, written and read again is the same.
struct PartListTarget: FuzzTarget {
    let name = "parts"
    let tokens = [
        "{\"name\":\"part-000000.ndjson.zst\",", "part-000001.ndjson.zst", "\"records\":1,", "\"firstKey\":\"a\",",
        "\"lastKey\":\"b\",", "\"rawBytes\":9,", "\"bytes\":9,", "\"frames\":1}\n", "\n", "\"more\":[1],", "1e2",
        "1.0", "9223372036854775807", "null", "\\u0061", "\\ud800", "é", "0123456789abcdef", " ",
    ]

    func run(_ input: [UInt8]) async throws -> String {
        do {
            let parts = try PartList.parse(input, for: Self.manifest(for: Self.stated(input)))
            let text = parts.flatMap(\.line)
            try require(try PartList.parse(text, for: Self.manifest(for: parts)) == parts, "the list is another one")
            try require(zip(parts, parts.dropFirst()).allSatisfy { $0.lastKey < $1.firstKey }, "parts are out of order")
            return "\(min(parts.count, 4)) parts"
        } catch let error as ArchiveError {
            return "\(error.code): \(Outcome.words(error.message))"
        }
    }

    /// The parts of all lines that can be read alone.
    private static func stated(_ input: [UInt8]) -> [PartSummary] {
        input.split(separator: 0x0A, omittingEmptySubsequences: false).dropLast().compactMap {
            try? PartSummary(parsing: Array($0))
        }
    }

    /// The manifest whose totals are those of some parts.
    static func manifest(for parts: [PartSummary]) -> Manifest {
        var totals = ArchiveTotals()
        for part in parts {
            totals.records &+= part.records
            totals.rawBytes &+= part.rawBytes
            totals.compressedBytes &+= part.bytes
        }
        let digest = SHA256Hex.digest(of: parts.flatMap(\.line))
        return Manifest(
            id: "fuzzed", startedAt: UnixTime(seconds: 1), finishedAt: UnixTime(seconds: 2),
            parts: Manifest.Parts(count: parts.count, sha256: digest), totals: totals, contentDigest: digest)
    }
}
