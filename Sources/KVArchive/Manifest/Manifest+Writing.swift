import KVModel

extension Manifest {
    /// The text of `manifest.json`: the same manifest always gives the same bytes.
    public var text: [UInt8] { json.bytes }

    /// The same as a document that can stand inside another one.
    package var json: PrettyJSON {
        .object([
            ("format", .string(Self.formatName)),
            ("version", .object([("major", .integer(version.major)), ("minor", .integer(version.minor))])),
            ("requires", .array(requires.map { .string($0) })),
            ("id", .string(id)),
            ("kind", .string(kind)),
            ("tool", tool.map { .object([("name", .string($0.name)), ("version", .string($0.version))]) }),
            ("startedAt", .string(UTCTime.text(startedAt))),
            ("finishedAt", .string(UTCTime.text(finishedAt))),
            ("source", source.json),
            ("parts", .object([("count", .integer(parts.count)), ("sha256", .string(parts.sha256))])),
            ("totals", totals.json),
            ("contentDigest", .string(contentDigest)),
            ("read", read?.json),
            (
                "holes",
                .array(holes.map { .object([("key", .string($0.key.string)), ("reason", .string($0.reason))]) })
            ),
            ("compression", compression?.json),
        ])
    }
}

extension ArchiveSource {
    fileprivate var json: PrettyJSON {
        .object([
            ("apiBaseURL", apiBaseURL.map { .string($0) }),
            ("accountId", accountID.map { .string($0.rawValue) }),
            ("namespaceId", namespaceID.map { .string($0.rawValue) }),
            ("namespaceTitle", namespaceTitle.map { .string($0) }),
            ("prefix", prefix.map { .string($0.string) }),
            ("filters", .array(filters.map { .string($0) })),
        ])
    }
}

extension ArchiveTotals {
    fileprivate var json: PrettyJSON {
        .object([
            ("records", .integer(records)),
            ("rawBytes", .integer(rawBytes)),
            ("compressedBytes", .integer(compressedBytes)),
            ("valueBytes", .integer(valueBytes)),
            ("base64Values", .integer(base64Values)),
            ("recordsWithMetadata", .integer(recordsWithMetadata)),
            ("recordsWithExpiration", .integer(recordsWithExpiration)),
            ("earliestExpiration", earliestExpiration.map { .integer(Int($0.seconds)) }),
        ])
    }
}

extension ReadStatistics {
    fileprivate var json: PrettyJSON {
        .object([
            ("requests", Self.json(requests)),
            ("floor", .integer(floor)),
            ("retries", .integer(retries)),
            ("retriesByCause", retriesByCause.isEmpty ? nil : Self.json(retriesByCause)),
            ("keysListed", .integer(keysListed)),
            ("keysVanished", .integer(keysVanished)),
            ("keysReread", .integer(keysReread)),
            ("keysDoubled", keysDoubled == 0 ? nil : .integer(keysDoubled)),
            ("listsRestarted", listsRestarted == 0 ? nil : .integer(listsRestarted)),
            ("runs", runs == 1 ? nil : .integer(runs)),
            ("settled", settled?.json),
        ])
    }

    private static func json(_ counts: [String: Int]) -> PrettyJSON {
        let sorted = counts.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
        return .object(sorted.map { ($0.key, .integer($0.value)) })
    }
}

extension ReadStatistics.Settled {
    fileprivate var json: PrettyJSON {
        .object([
            ("startedAt", .string(UTCTime.text(startedAt))),
            ("finishedAt", .string(UTCTime.text(finishedAt))),
            ("changed", .integer(changed)),
            ("appeared", .integer(appeared)),
            ("gone", .integer(gone)),
        ])
    }
}

extension Manifest.Compression {
    fileprivate var json: PrettyJSON {
        .object([
            ("method", .string("zstd")), ("level", level.map { .integer($0) }),
            ("libzstd", libzstd.map { .string($0) }),
        ])
    }
}
