import Foundation
import JSONText
import KVModel

extension Manifest {
    /// The largest manifest that is read, in bytes.
    ///
    /// It is small but for its holes, and nobody wants a million of those.
    static let bytesMaximum = 64 << 20

    /// Reads the text of `manifest.json`.
    ///
    /// - Throws: `notAnArchive`, `unsupportedVersion`, `unsupportedFeature`, `malformedManifest`.
    public init(parsing text: [UInt8]) throws(ArchiveError) {
        try Self.checkGrammar(text)
        // What decides whether we may read on stands in members that every version has.
        let header: Header = try Self.decode(text)
        guard header.format == Self.formatName else {
            throw ArchiveError(.notAnArchive, "the format is not \(Self.formatName)", file: ArchiveFile.manifest)
        }
        guard header.version.major == Self.currentVersion.major else {
            throw ArchiveError(
                .unsupportedVersion,
                "the format's version is \(header.version.major).\(header.version.minor), "
                    + "this program reads \(Self.currentVersion.major).x",
                file: ArchiveFile.manifest)
        }
        if let feature = header.requires?.first {
            throw ArchiveError(
                .unsupportedFeature, "the archive requires \"\(feature)\", which this program does not know",
                file: ArchiveFile.manifest)
        }
        let body: Body = try Self.decode(text)
        try self.init(body, header)
    }

    /// Refuses what is not JSON in UTF-8: the decoder takes UTF-16 and bare control characters as well, other readers
    /// do not.
    private static func checkGrammar(_ text: [UInt8]) throws(ArchiveError) {
        do throws(JSONError) {
            var reader = try JSONReader(text)
            try reader.skipValue()
            try reader.finish()
        } catch {
            throw ArchiveError(.malformedManifest, "it is not JSON: \(error)", file: ArchiveFile.manifest)
        }
    }

    private static func decode<Part: Decodable>(_ text: [UInt8]) throws(ArchiveError) -> Part {
        do {
            return try JSONDecoder().decode(Part.self, from: Data(text))
        } catch {
            let words = (error as? DecodingError).map(Self.words) ?? "\(error)"
            throw ArchiveError(.malformedManifest, words, file: ArchiveFile.manifest)
        }
    }

    private static func words(_ error: DecodingError) -> String {
        let (context, name): (DecodingError.Context, String?) =
            switch error {
            case .keyNotFound(let key, let context): (context, key.stringValue)
            case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
                (context, nil)
            @unknown default: (.init(codingPath: [], debugDescription: "\(error)"), nil)
            }
        let path = (context.codingPath.map(\.stringValue) + [name].compactMap(\.self)).joined(separator: ".")
        if path.isEmpty { return "it is not the JSON it should be" }
        return name == nil ? "\"\(path)\" is not what it should be" : "\"\(path)\" is missing"
    }

    private init(_ body: Body, _ header: Header) throws(ArchiveError) {
        func time(_ text: String, _ name: String) throws(ArchiveError) -> UnixTime {
            if let time = UTCTime.parse(text) { return time }
            throw ArchiveError(.malformedManifest, "\"\(name)\" is not a time in UTC", file: ArchiveFile.manifest)
        }
        self.init(
            id: body.id, startedAt: try time(body.startedAt, "startedAt"),
            finishedAt: try time(body.finishedAt, "finishedAt"),
            parts: Parts(count: body.parts.count, sha256: body.parts.sha256), totals: body.totals.totals,
            contentDigest: body.contentDigest)
        version = Version(major: header.version.major, minor: header.version.minor)
        kind = body.kind
        tool = body.tool.map { Tool(name: $0.name, version: $0.version) }
        source = body.source?.source ?? ArchiveSource()
        read = body.read?.statistics
        holes = (body.holes ?? []).map { Hole(key: KVKey($0.key), reason: $0.reason) }
        compression = body.compression.map { Compression(level: $0.level, libzstd: $0.libzstd) }
        try checkForm(method: body.compression?.method)
    }

    private func checkForm(method: String?) throws(ArchiveError) {
        let numbers = [
            parts.count, totals.records, totals.rawBytes, totals.compressedBytes, totals.valueBytes,
            totals.base64Values, totals.recordsWithMetadata, totals.recordsWithExpiration, version.minor,
        ]
        let problem: String? =
            if numbers.contains(where: { $0 < 0 }) {
                "a count is negative"
            } else if !SHA256Hex.isWellFormed(parts.sha256) || !SHA256Hex.isWellFormed(contentDigest) {
                "a SHA-256 is not 64 lowercase hexadecimal digits"
            } else if kind != "full" {
                // A reader that took another kind for a full one would restore something else than was meant.
                "the kind is \"\(kind)\", this program reads full archives"
            } else if let method, method != "zstd" {
                "the compression method is \"\(method)\", not zstd"
            } else {
                nil
            }
        if let problem { throw ArchiveError(.malformedManifest, problem, file: ArchiveFile.manifest) }
    }
}

// MARK: - The document as it stands

private struct Header: Decodable {
    struct Version: Decodable {
        var major: Int
        var minor: Int
    }
    var format: String
    var version: Version
    var requires: [String]?
}

private struct Body: Decodable {
    struct Tool: Decodable {
        var name: String
        var version: String
    }
    struct Parts: Decodable {
        var count: Int
        var sha256: String
    }
    struct Hole: Decodable {
        var key: String
        var reason: String
    }
    struct Compression: Decodable {
        var method: String?
        var level: Int?
        var libzstd: String?
    }
    var id: String
    var kind: String
    var tool: Tool?
    var startedAt: String
    var finishedAt: String
    var source: SourceBody?
    var parts: Parts
    var totals: TotalsBody
    var contentDigest: String
    var read: ReadBody?
    var holes: [Hole]?
    var compression: Compression?
}

private struct SourceBody: Decodable {
    var apiBaseURL: String?
    var accountId: String?
    var namespaceId: String?
    var namespaceTitle: String?
    var prefix: String?
    var filters: [String]?

    var source: ArchiveSource {
        ArchiveSource(
            apiBaseURL: apiBaseURL, accountID: accountId.map { AccountID(rawValue: $0) },
            namespaceID: namespaceId.map { NamespaceID(rawValue: $0) }, namespaceTitle: namespaceTitle,
            prefix: prefix.map { KVKey($0) }, filters: filters ?? [])
    }
}

private struct TotalsBody: Decodable {
    var records: Int
    var rawBytes: Int
    var compressedBytes: Int
    var valueBytes: Int
    var base64Values: Int
    var recordsWithMetadata: Int
    var recordsWithExpiration: Int
    var earliestExpiration: Int64?

    var totals: ArchiveTotals {
        var totals = ArchiveTotals()
        totals.records = records
        totals.rawBytes = rawBytes
        totals.compressedBytes = compressedBytes
        totals.valueBytes = valueBytes
        totals.base64Values = base64Values
        totals.recordsWithMetadata = recordsWithMetadata
        totals.recordsWithExpiration = recordsWithExpiration
        totals.earliestExpiration = earliestExpiration.map { UnixTime(seconds: $0) }
        return totals
    }
}

private struct ReadBody: Decodable {
    var requests: [String: Int]
    var floor: Int
    var retries: Int
    var keysListed: Int
    var keysVanished: Int
    var keysReread: Int
    var keysDoubled: Int?
    var retriesByCause: [String: Int]?
    var listsRestarted: Int?
    var runs: Int?
    var settled: SettledBody?

    var statistics: ReadStatistics {
        var statistics = ReadStatistics(
            requests: requests, floor: floor, retries: retries, keysListed: keysListed, keysVanished: keysVanished,
            keysReread: keysReread)
        statistics.keysDoubled = keysDoubled ?? 0
        statistics.retriesByCause = retriesByCause ?? [:]
        statistics.listsRestarted = listsRestarted ?? 0
        statistics.runs = runs ?? 1
        statistics.settled = settled?.settled
        return statistics
    }
}

private struct SettledBody: Decodable {
    var startedAt: String
    var finishedAt: String
    var changed: Int
    var appeared: Int
    var gone: Int

    /// What it says, or nothing if the times are none: only people read them.
    var settled: ReadStatistics.Settled? {
        guard let startedAt = UTCTime.parse(startedAt), let finishedAt = UTCTime.parse(finishedAt) else { return nil }
        return ReadStatistics.Settled(
            startedAt: startedAt, finishedAt: finishedAt, changed: changed, appeared: appeared, gone: gone)
    }
}
