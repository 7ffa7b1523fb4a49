import KVArchive
import KVTransfer

/// What the manifest and the list of parts say, as names and values.
///
/// All text from the archive is escaped, so that it can be shown on a terminal.
enum SummaryFacts {
    typealias Fact = (name: String, value: String)

    /// All facts.
    static func all(of summary: ArchiveSummary) -> [Fact] {
        let manifest = summary.manifest
        return origin(manifest) + content(summary) + (manifest.read.map(reading) ?? [])
            + [("holes", Amounts.count(manifest.holes.count))]
    }

    /// Where the records are from.
    static func origin(_ manifest: Manifest) -> [Fact] {
        let source = manifest.source
        var facts: [Fact] = []
        if let title = source.namespaceTitle {
            let id = source.namespaceID.map { VisibleText.escaped($0.rawValue) } ?? "no id"
            facts.append(("namespace", "\(KVKey(title)) (\(id))"))
        }
        if let account = source.accountID {
            let address = source.apiBaseURL.map(VisibleText.escaped) ?? "an unknown address"
            facts.append(("account", "\(VisibleText.escaped(account.rawValue)) at \(address)"))
        }
        facts += [
            ("keys", selection(source) ?? "all"),
            ("started", UTCTime.text(manifest.startedAt)),
            ("finished", UTCTime.text(manifest.finishedAt)),
        ]
        if let tool = manifest.tool { facts.append(("made by", VisibleText.escaped("\(tool.name) \(tool.version)"))) }
        return facts
    }

    /// Which keys an archive was made for, in words; `nil` for all.
    static func selection(_ source: ArchiveSource) -> String? {
        let rules =
            (source.prefix.map { ["those that start with \($0)"] } ?? []) + source.filters.map(VisibleText.escaped)
        return rules.isEmpty ? nil : rules.joined(separator: ", ")
    }

    /// What there is.
    static func content(_ summary: ArchiveSummary) -> [Fact] {
        let totals = summary.manifest.totals
        var facts: [Fact] = [
            ("records", Amounts.count(totals.records)),
            ("values", "\(Amounts.bytes(totals.valueBytes)), \(Amounts.count(totals.base64Values)) of them not text"),
            ("with metadata", metadata(totals, summary.statistics)),
            ("with expiration", Amounts.shared(totals.recordsWithExpiration, of: totals.records)),
        ]
        if let earliest = totals.earliestExpiration { facts.append(("first expiration", UTCTime.text(earliest))) }
        if let statistics = summary.statistics { facts.append(("keys take", Amounts.bytes(statistics.keyBytes))) }
        let ratio = summary.compressionRatio.map { ", \(Amounts.ratio($0)) times smaller than the records" } ?? ""
        return facts + [
            (
                "archive",
                "\(Amounts.bytes(totals.compressedBytes)) in \(Amounts.count(summary.parts.count, "part"))\(ratio)"
            ),
            ("content digest", summary.manifest.contentDigest),
        ]
    }

    private static func metadata(_ totals: ArchiveTotals, _ statistics: ArchiveStatistics?) -> String {
        let records = Amounts.shared(totals.recordsWithMetadata, of: totals.records)
        guard let statistics, totals.recordsWithMetadata > 0 else { return records }
        return "\(records), \(Amounts.bytes(statistics.metadataBytes)) in all, "
            + "\(Amounts.bytes(statistics.largestMetadataBytes)) the largest"
    }

    /// What reading the source took.
    static func reading(_ read: ReadStatistics) -> [Fact] {
        let requests = read.requestsMade
        let kinds = requests > 0 ? ": \(VisibleText.escaped(Amounts.causes(read.requests)))" : ""
        var facts: [Fact] = [
            ("requests", "\(Amounts.count(requests)), at least \(Amounts.count(read.floor)) needed\(kinds)")
        ]
        if read.retries > 0 {
            let causes = VisibleText.escaped(Amounts.causes(read.retriesByCause))
            facts.append(("sent again", "\(Amounts.count(read.retries))\(causes.isEmpty ? "" : ": \(causes)")"))
        }
        let counts: [(String, Int)] = [
            ("keys listed", read.keysListed), ("keys vanished", read.keysVanished),
            ("keys read again", read.keysReread),
            ("keys listed twice", read.keysDoubled), ("lists restarted", read.listsRestarted),
        ]
        facts += counts.filter { $0.1 > 0 }.map { ($0.0, Amounts.count($0.1)) }
        if read.runs > 1 { facts.append(("runs", Amounts.count(read.runs))) }
        if let settled = read.settled {
            facts.append(
                (
                    "second look",
                    "\(Amounts.count(settled.changed)) changed, \(Amounts.count(settled.appeared)) appeared, "
                        + "\(Amounts.count(settled.gone)) gone"
                ))
        }
        return facts
    }
}
