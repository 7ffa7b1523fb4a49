import KVArchive
import KVTransfer

/// A summary as a page of its own: no script, nothing from the network, readable on a phone.
///
/// Each number is marked with the path of the same number in `kvark show --json`.
struct SummaryPage {
    /// How many parts are listed; an archive of a terabyte has thousands.
    private static let partsLimit = 200
    /// How many keys that were not read are listed.
    private static let holesLimit = 200

    let summary: ArchiveSummary
    let statistics: ArchiveStatistics

    init(_ summary: ArchiveSummary, _ statistics: ArchiveStatistics) {
        self.summary = summary
        self.statistics = statistics
    }

    var manifest: Manifest { summary.manifest }

    /// The page's bytes.
    var bytes: [UInt8] { Array(html.text.utf8) + [0x0A] }

    private var html: HTML {
        let name = manifest.source.namespaceTitle ?? "unknown"
        return """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
            <title>kvark archive of \(name), \(UTCTime.text(manifest.startedAt))</title>
            <style>
            \(PageStyle.sheet)
            </style>
            </head>
            <body>
            <header>
            <h1>Archive of <bdi>\(name)</bdi></h1>
            <p><bdi class="key">\(summary.place)</bdi>, begun \(UTCTime.text(manifest.startedAt))</p>
            </header>
            <main>
            \(tiles)
            <div class="plots">
            \(plots)
            </div>
            \(reading)
            \(holes)
            \(parts)
            \(Self.section("About", SummaryFacts.origin(manifest) + [("content digest", manifest.contentDigest)]))
            </main>
            </body>
            </html>
            """
    }

    // MARK: Sections

    private var tiles: HTML {
        let totals = manifest.totals
        let path = "manifest.totals"
        var tiles: [HTML] = [
            Self.tile(
                "records", .count(totals.records, "\(path).records"), "in \(Amounts.count(summary.parts.count, "part"))"
            ),
            Self.tile(
                "values", .bytes(totals.valueBytes, "\(path).valueBytes"),
                "and \(HTML.bytes(statistics.keyBytes, "statistics.keyBytes")) of keys"),
            Self.tile("archive", .bytes(totals.compressedBytes, "\(path).compressedBytes"), smaller),
            Self.tile(
                "with metadata", .count(totals.recordsWithMetadata, "\(path).recordsWithMetadata"), metadata),
            Self.tile(
                "with expiration", .count(totals.recordsWithExpiration, "\(path).recordsWithExpiration"),
                "\(Amounts.share(totals.recordsWithExpiration, of: totals.records)) of records"),
        ]
        tiles.append(
            Self.tile("holes", "\(Amounts.count(manifest.holes.count))", "keys that could not be read"))
        return "<div class=\"tiles\">\n\(tiles)\n</div>"
    }

    private static func tile(_ name: String, _ number: HTML, _ note: HTML) -> HTML {
        "<div><b>\(number)</b><span>\(name)</span><small>\(note)</small></div>"
    }

    private var smaller: HTML {
        guard let ratio = summary.compressionRatio else { return "empty" }
        let raw = HTML.bytes(manifest.totals.rawBytes, "manifest.totals.rawBytes")
        return "\(Amounts.ratio(ratio)) times smaller than its \(raw) of records"
    }

    private var metadata: HTML {
        guard statistics.totals.recordsWithMetadata > 0 else { return "no metadata" }
        let all = HTML.bytes(statistics.metadataBytes, "statistics.metadata.bytes")
        let share = Amounts.share(manifest.totals.recordsWithMetadata, of: manifest.totals.records)
        return """
            \(share) of records; \(all), the largest \
            \(HTML.bytes(statistics.largestMetadataBytes, "statistics.metadata.largestBytes"))
            """
    }

    private var reading: HTML {
        guard let read = manifest.read else { return "" }
        let requests = Self.counts(read.requests, "manifest.read.requests")
        let causes = Self.counts(read.retriesByCause, "manifest.read.retriesByCause")
        return """
            \(Self.section("Reading", SummaryFacts.reading(read)))
            <div class="pair">\(Self.table("Requests by kind", requests))\(Self.table("Sent again, by cause", causes))</div>
            """
    }

    /// Rows of counts; names are marked with their place in the JSON, where members are ordered as here.
    private static func counts(_ counts: [String: Int], _ path: String) -> [HTML] {
        counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { name, count in
            "<tr><td>\(name)</td><td>\(HTML.count(count, "\(path).\(name)"))</td></tr>"
        }
    }

    private static func table(_ title: String, _ rows: [HTML]) -> HTML {
        guard !rows.isEmpty else { return "" }
        return "<section><h3>\(title)</h3><table><tbody>\n\(rows)\n</tbody></table></section>"
    }

    private static func section(_ title: String, _ facts: [SummaryFacts.Fact]) -> HTML {
        let rows = facts.map { fact -> HTML in "<dt>\(fact.name)</dt><dd><bdi>\(fact.value)</bdi></dd>" }
        return "<section><h2>\(title)</h2><dl>\n\(rows)\n</dl></section>"
    }

    private var holes: HTML {
        guard !manifest.holes.isEmpty else { return "" }
        let rows = manifest.holes.prefix(Self.holesLimit).map { hole -> HTML in
            "<tr><td>\(HTML.key(hole.key))</td><td class=\"words\">\(hole.reason)</td></tr>"
        }
        let others = Self.others(manifest.holes.count - rows.count)
        return """
            <section><h2>Holes</h2><p>Keys that could not be read, and why.</p>
            <div class="wide"><table><thead><tr><th>key</th><th class="words">reason</th></tr></thead><tbody>
            \(rows)
            </tbody></table></div>\(others)</section>
            """
    }

    private var parts: HTML {
        guard !summary.parts.isEmpty else { return "" }
        let rows = summary.parts.prefix(Self.partsLimit).enumerated().map { index, part -> HTML in
            """
            <tr><td>\(part.name)</td><td>\(HTML.count(part.records, "parts.\(index).records"))</td>\
            <td>\(HTML.bytes(part.rawBytes, "parts.\(index).rawBytes"))</td>\
            <td>\(HTML.bytes(part.bytes, "parts.\(index).bytes"))</td></tr>
            """
        }
        return """
            <section><h2>Parts</h2>
            <div class="wide"><table><thead><tr><th>file</th><th>records</th><th>raw</th><th>compressed</th></tr></thead><tbody>
            \(rows)
            </tbody></table></div>\(Self.others(summary.parts.count - rows.count))</section>
            """
    }

    private static func others(_ count: Int) -> HTML {
        count > 0 ? "<p>and \(Amounts.count(count)) more; kvark show --json names all</p>" : ""
    }
}
