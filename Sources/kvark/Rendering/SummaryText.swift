import KVArchive
import KVTransfer

/// A summary as text for a terminal.
struct SummaryText {
    /// How many parts are listed; an archive of a terabyte has thousands.
    private static let partsLimit = 50
    private static let barWidth = 24

    private let summary: ArchiveSummary

    init(_ summary: ArchiveSummary) { self.summary = summary }

    /// The lines, without line feeds.
    var lines: [String] {
        var lines = SummaryFacts.all(of: summary).map { Self.padded($0.name, 18) + $0.value }
        for hole in summary.manifest.holes {
            lines.append("not read          \(hole.key): \(VisibleText.escaped(hole.reason))")
        }
        if let statistics = summary.statistics { lines += sections(statistics) }
        if !summary.parts.isEmpty { lines += parts }
        return lines
    }

    // MARK: Sections

    private func sections(_ statistics: ArchiveStatistics) -> [String] {
        var lines: [String] = []
        lines += Self.histogram("value sizes", "values", statistics.valueSizes)
        let kinds = ValueKind.allCases.map { (name: $0.label, sum: statistics.sum(of: $0)) }
        lines += Self.sums("kinds of values", kinds, of: statistics.totals)
        let spans = statistics.expirations.notable.map { (name: $0.period.label, sum: $0.sum) }
        lines += Self.sums("expirations", spans, of: statistics.totals)
        lines += Self.histogram("metadata sizes", "records", statistics.metadataSizes)
        lines += Self.prefixes("heaviest prefixes", statistics.firstPrefixes)
        lines += Self.prefixes("heaviest prefixes, two levels", statistics.secondPrefixes)
        lines += Self.largest(statistics.largestValues)
        return lines
    }

    private static func histogram(_ title: String, _ unit: String, _ histogram: SizeHistogram) -> [String] {
        let used = histogram.used
        guard let most = used.map(\.count).max() else { return [] }
        let rows = used.map { bucket in
            line(bucket.label, Amounts.count(bucket.count), Amounts.bytes(bucket.totalBytes), bar(bucket.count, most))
        }
        return ["", line(title, unit, "bytes", indent: "")] + rows
    }

    private static func sums(
        _ title: String, _ rows: [(name: String, sum: RecordSum)], of totals: ArchiveTotals
    ) -> [String] {
        guard totals.records > 0 else { return [] }
        return ["", line(title, "records", "bytes", indent: "")]
            + rows.map { name, sum in
                line(
                    name, Amounts.count(sum.records), Amounts.bytes(sum.valueBytes),
                    Amounts.share(sum.records, of: totals.records))
            }
    }

    private static func prefixes(_ title: String, _ weights: PrefixWeights) -> [String] {
        guard weights.count > 0 else { return [] }
        var rows = weights.heaviest.map { row($0.sum, $0.prefix.description) }
        let others = weights.count - weights.heaviest.count
        if others > 0 { rows.append(row(weights.rest, Amounts.count(others, "more prefix", plural: "more prefixes"))) }
        if weights.unprefixed.records > 0 { rows.append(row(weights.unprefixed, "keys without such a prefix")) }
        return ["", title] + rows
    }

    private static func row(_ sum: RecordSum, _ name: String) -> String {
        "  \(aligned(Amounts.bytes(sum.valueBytes), 12))\(aligned(Amounts.count(sum.records, "record"), 20))  \(name)"
    }

    private static func largest(_ values: [ArchiveStatistics.SizedKey]) -> [String] {
        guard !values.isEmpty else { return [] }
        return ["", "largest values"]
            + values.map {
                "  \(aligned(Amounts.bytes($0.valueBytes), 12))\(aligned($0.kind.label, 12))  \($0.key)"
            }
    }

    private var parts: [String] {
        let listed = summary.parts.prefix(Self.partsLimit)
        let rows = listed.map { part in
            "  \(part.name)\(Self.aligned(Amounts.count(part.records), 14))"
                + Self.aligned(Amounts.bytes(part.rawBytes), 14) + Self.aligned(Amounts.bytes(part.bytes), 14)
        }
        let width = (listed.first?.name.count ?? 0) + 2
        let header =
            Self.padded("parts", width) + Self.aligned("records", 14) + Self.aligned("raw", 14)
            + Self.aligned("compressed", 14)
        let others = summary.parts.count - listed.count
        return ["", header] + rows + (others > 0 ? ["  and \(Amounts.count(others)) more; --json names all"] : [])
    }

    // MARK: Columns

    private static func line(
        _ name: String, _ first: String, _ second: String, _ rest: String = "", indent: String = "  "
    ) -> String {
        let text = padded(indent + name, 22) + aligned(first, 14) + aligned(second, 12)
        return rest.isEmpty ? text : "\(text)  \(rest)"
    }

    private static func bar(_ count: Int, _ most: Int) -> String {
        guard count > 0, most > 0 else { return "" }
        let width = Double(count) / Double(most) * Double(barWidth)
        return String(repeating: "#", count: max(1, Int(width.rounded())))
    }

    private static func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }

    private static func aligned(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(1, width - text.count)) + text
    }
}
