import KVArchive
import KVTransfer

extension SummaryPage {
    /// The plots, without those that have nothing to show.
    var plots: [HTML] {
        let plots = [
            sizes(
                "Value sizes", "values", "statistics.values.sizes", statistics.valueSizes),
            kinds, expirations,
            prefixes("Heaviest prefixes", "first", "firstLevel", statistics.firstPrefixes),
            prefixes("Heaviest prefixes, two levels", "second", "secondLevel", statistics.secondPrefixes),
            largest,
            sizes("Metadata sizes", "records", "statistics.metadata.sizes", statistics.metadataSizes),
        ]
        let drawn = plots.compactMap { $0 }
        return drawn.isEmpty ? ["<p>There are no records to plot.</p>"] : drawn
    }

    // MARK: Histograms

    private func sizes(_ title: String, _ unit: String, _ path: String, _ histogram: SizeHistogram) -> HTML? {
        let used = Array(histogram.used)
        guard !used.isEmpty else { return nil }
        let columns = used.enumerated().map { index, bucket in
            let row: HTML = """
                <tr><td>\(bucket.label)</td><td>\(HTML.count(bucket.count, "\(path).\(index).count"))</td>\
                <td>\(HTML.bytes(bucket.totalBytes, "\(path).\(index).bytes"))</td></tr>
                """
            return ColumnPlot.Column(name: Self.tick(bucket.bytes.lowerBound), height: bucket.count, row: row)
        }
        return ColumnPlot(
            title: title,
            note: """
                How many \(unit) there are of each size in bytes. A column holds sizes from its number up to the next \
                one's; each is four times the one before.
                """,
            columns: columns, header: "<th>size</th><th>\(unit)</th><th>together</th>"
        ).html
    }

    private static func tick(_ bytes: Int) -> String {
        if bytes >= 1 << 20 { return "\(bytes >> 20)M" }
        return bytes >= 1 << 10 ? "\(bytes >> 10)K" : "\(bytes)"
    }

    // MARK: Bars

    private var kinds: HTML? {
        guard statistics.totals.records > 0 else { return nil }
        let bars = ValueKind.allCases.map { kind in
            let sum = statistics.sum(of: kind)
            let share = Amounts.share(sum.records, of: statistics.totals.records)
            return BarPlot.Bar(
                name: "\(kind.label)", length: sum.records,
                numbers: "\(share) · \(Self.numbers(sum, "statistics.values.kinds.\(kind.rawValue)"))",
                colour: kind.rawValue)
        }
        return BarPlot(
            title: "Kinds of values",
            note: "Number of values. JSON is text that is one object or array; what is not UTF-8 is not text.",
            bars: bars
        ).html
    }

    private var expirations: HTML? {
        guard statistics.totals.records > 0 else { return nil }
        let bars = statistics.expirations.notable.enumerated().map { index, span in
            BarPlot.Bar(
                name: "\(span.period.label)", length: span.sum.records,
                numbers: Self.numbers(span.sum, "statistics.expirations.\(index)"),
                colour: span.period == .expired ? "expired" : span.period == .never ? "never" : "one")
        }
        return BarPlot(
            title: "Expirations over time",
            note: "Number of records, seen at \(UTCTime.text(statistics.expirations.moment)); months are of UTC.",
            bars: bars
        ).html
    }

    private func prefixes(_ title: String, _ nth: String, _ level: String, _ weights: PrefixWeights) -> HTML? {
        guard weights.count > 0 else { return nil }
        let path = "statistics.prefixes.\(level)"
        var bars = weights.heaviest.enumerated().map { index, weight in
            BarPlot.Bar(
                name: HTML.key(weight.prefix), length: weight.sum.valueBytes,
                numbers: Self.numbers(weight.sum, "\(path).heaviest.\(index)", bytesFirst: true))
        }
        let others = weights.count - weights.heaviest.count
        if others > 0 {
            let name = Amounts.count(others, "more prefix", plural: "more prefixes")
            bars.append(Self.rest("\(name)", weights.rest, "\(path).rest"))
        }
        if weights.unprefixed.records > 0 {
            bars.append(Self.rest("keys without such a prefix", weights.unprefixed, "\(path).unprefixed"))
        }
        return BarPlot(
            title: title,
            note: """
                Bytes of values whose keys begin alike, up to the \(nth) : or /, \
                of \(HTML.count(weights.count, "\(path).count")) such prefixes.
                """,
            bars: bars
        ).html
    }

    private static func rest(_ name: HTML, _ sum: RecordSum, _ path: String) -> BarPlot.Bar {
        BarPlot.Bar(
            name: "<i>\(name)</i>", length: sum.valueBytes, numbers: numbers(sum, path, bytesFirst: true),
            colour: "never")
    }

    private var largest: HTML? {
        guard !statistics.largestValues.isEmpty else { return nil }
        let bars = statistics.largestValues.enumerated().map { index, value in
            BarPlot.Bar(
                name: HTML.key(value.key), length: value.valueBytes,
                numbers: "<b>\(HTML.bytes(value.valueBytes, "statistics.values.largest.\(index).valueBytes"))</b>",
                colour: value.kind.rawValue)
        }
        return BarPlot(
            title: "Largest values",
            note: """
                Bytes of the value. \
                \(ValueKind.allCases.map { "<span class=\"legend\"><span class=\"\($0.rawValue)\">■</span> \($0.label)</span>" })
                """,
            bars: bars
        ).html
    }

    private static func numbers(_ sum: RecordSum, _ path: String, bytesFirst: Bool = false) -> HTML {
        let unit = sum.records == 1 ? "record" : "records"
        let records: HTML = "\(HTML.count(sum.records, "\(path).records")) \(unit)"
        let bytes = HTML.bytes(sum.valueBytes, "\(path).valueBytes")
        return bytesFirst ? "<b>\(bytes)</b> · \(records)" : "<b>\(records)</b> · \(bytes)"
    }
}
