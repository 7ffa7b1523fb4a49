import KVArchive
import KVTransfer

/// A summary as one JSON object; `formats/command-output.md` says what each member means.
enum SummaryJSON {
    /// The text, with a line feed at the end.
    static func text(of summary: ArchiveSummary) -> [UInt8] {
        PrettyJSON.object([
            ("archive", .string(summary.place)),
            ("manifest", summary.manifest.json),
            ("compressionRatio", summary.compressionRatio.map { .decimal($0) }),
            ("parts", .array(summary.parts.map(json))),
            ("statistics", summary.statistics.map(json)),
        ]).bytes
    }

    private static func json(_ part: PartSummary) -> PrettyJSON {
        .object([
            ("name", .string(part.name)), ("records", .integer(part.records)),
            ("firstKey", .string(part.firstKey.string)), ("lastKey", .string(part.lastKey.string)),
            ("rawBytes", .integer(part.rawBytes)), ("bytes", .integer(part.bytes)), ("sha256", .string(part.sha256)),
            ("frames", .integer(part.frames)),
        ])
    }

    private static func json(_ statistics: ArchiveStatistics) -> PrettyJSON {
        .object([
            ("seenAt", .string(UTCTime.text(statistics.expirations.moment))),
            ("keyBytes", .integer(statistics.keyBytes)),
            ("values", values(statistics)),
            ("metadata", metadata(statistics)),
            ("expirations", .array(statistics.expirations.notable.map(json))),
            (
                "prefixes",
                .object([
                    ("firstLevel", json(statistics.firstPrefixes)), ("secondLevel", json(statistics.secondPrefixes)),
                ])
            ),
        ])
    }

    private static func values(_ statistics: ArchiveStatistics) -> PrettyJSON {
        .object([
            ("kinds", .object(ValueKind.allCases.map { ($0.rawValue, json(statistics.sum(of: $0))) })),
            ("sizes", json(statistics.valueSizes)),
            (
                "largest",
                .array(
                    statistics.largestValues.map { value in
                        .object([
                            ("key", .string(value.key.string)), ("valueBytes", .integer(value.valueBytes)),
                            ("kind", .string(value.kind.rawValue)),
                        ])
                    })
            ),
        ])
    }

    private static func metadata(_ statistics: ArchiveStatistics) -> PrettyJSON {
        .object([
            ("records", .integer(statistics.totals.recordsWithMetadata)),
            ("bytes", .integer(statistics.metadataBytes)),
            ("largestBytes", .integer(statistics.largestMetadataBytes)),
            ("sizes", json(statistics.metadataSizes)),
        ])
    }

    private static func json(_ histogram: SizeHistogram) -> PrettyJSON {
        .array(
            histogram.used.map { bucket in
                .object([
                    ("from", .integer(bucket.bytes.lowerBound)), ("through", .integer(bucket.bytes.upperBound)),
                    ("count", .integer(bucket.count)), ("bytes", .integer(bucket.totalBytes)),
                ])
            })
    }

    private static func json(_ span: (period: ExpirationSpread.Period, sum: RecordSum)) -> PrettyJSON {
        .object([("period", .string(span.period.code))] + members(span.sum))
    }

    private static func json(_ weights: PrefixWeights) -> PrettyJSON {
        .object([
            ("count", .integer(weights.count)),
            (
                "heaviest",
                .array(weights.heaviest.map { .object([("prefix", .string($0.prefix.string))] + members($0.sum)) })
            ),
            ("rest", json(weights.rest)),
            ("unprefixed", json(weights.unprefixed)),
        ])
    }

    private static func json(_ sum: RecordSum) -> PrettyJSON { .object(members(sum)) }

    private static func members(_ sum: RecordSum) -> [(name: String, value: PrettyJSON?)] {
        [("records", .integer(sum.records)), ("valueBytes", .integer(sum.valueBytes))]
    }
}
