import JSONText
import KVModel

/// The list of parts, `parts.ndjson`, and what must be true of it.
package enum PartList {
    /// The largest list that is read, in bytes: enough for 250,000 parts, which is 32 TiB of records at the usual size.
    static let bytesMaximum = 256 << 20

    /// Reads the list and compares it with the manifest.
    ///
    /// - Throws: `malformedParts`, `unsafeName`, `outOfOrder`, `contradiction`.
    package static func parse(_ text: [UInt8], for manifest: Manifest) throws(ArchiveError) -> [PartSummary] {
        guard text.isEmpty || text.last == 0x0A else { throw malformed("the last line has no end") }
        var parts: [PartSummary] = []
        for line in text.split(separator: 0x0A, omittingEmptySubsequences: false).dropLast() {
            do throws(JSONError) {
                parts.append(try PartSummary(parsing: Array(line)))
            } catch {
                throw malformed("line \(parts.count + 1): \(error)")
            }
        }
        try checkNamesAndOrder(parts)
        try checkTotals(parts, manifest)
        return parts
    }

    private static func checkNamesAndOrder(_ parts: [PartSummary]) throws(ArchiveError) {
        for (index, part) in parts.enumerated() {
            guard part.name == ArchiveFile.part(index) else {
                throw ArchiveError(
                    .unsafeName,
                    "part \(index) is named \(JSONString.quoted(part.name)) instead of "
                        + ArchiveFile.part(index), file: ArchiveFile.parts)
            }
            guard part.firstKey <= part.lastKey, index == 0 || parts[index - 1].lastKey < part.firstKey else {
                throw ArchiveError(.outOfOrder, "the keys of part \(index) are out of order", file: ArchiveFile.parts)
            }
            guard part.frames <= part.records, part.records <= part.rawBytes else {
                throw ArchiveError(
                    .contradiction, "part \(index) cannot hold what it says it holds", file: ArchiveFile.parts)
            }
        }
    }

    private static func checkTotals(_ parts: [PartSummary], _ manifest: Manifest) throws(ArchiveError) {
        let totals = manifest.totals
        let isTrue =
            parts.count == manifest.parts.count && sum(parts, \.records) == totals.records
            && sum(parts, \.rawBytes) == totals.rawBytes && sum(parts, \.bytes) == totals.compressedBytes
        guard isTrue else {
            throw ArchiveError(
                .contradiction, "the totals are not the sums of \(ArchiveFile.parts)", file: ArchiveFile.manifest)
        }
    }

    /// The sum, or `nil` if it is too large to be true.
    private static func sum(_ parts: [PartSummary], _ number: KeyPath<PartSummary, Int>) -> Int? {
        var sum = 0
        for part in parts {
            let (next, overflow) = sum.addingReportingOverflow(part[keyPath: number])
            if overflow { return nil }
            sum = next
        }
        return sum
    }

    private static func malformed(_ message: String) -> ArchiveError {
        ArchiveError(.malformedParts, message, file: ArchiveFile.parts)
    }
}
