import KVArchive
import KVTestSupport
import Testing

@Suite struct StatisticsTests {
    private static let now = UnixTime(seconds: 1_795_439_102)  // 2026-11-23T13:05:02Z
    private static let day: Int64 = 86_400

    private static func statistics(_ records: [KVRecord], at moment: UnixTime = now) -> ArchiveStatistics {
        var statistics = ArchiveStatistics(at: moment)
        for record in records.sorted(by: { $0.key < $1.key }) { statistics.count(RecordLine(record)) }
        return statistics
    }

    // MARK: Values

    @Test func `nothing counted is nothing`() {
        let statistics = Self.statistics([])
        #expect(statistics.totals == ArchiveTotals())
        #expect(statistics.valueSizes.used.isEmpty)
        #expect(statistics.largestValues.isEmpty)
        #expect(statistics.firstPrefixes.heaviest.isEmpty && statistics.firstPrefixes.count == 0)
        #expect(statistics.expirations.notable.map(\.period) == [.expired, .day, .week, .month, .never])
    }

    @Test(arguments: [
        ("{}", ValueKind.json), ("[1,2]", .json), ("{\"a\":[{}]}", .json), (" \n\t\r{\"a\":\"\\u00e9\"}\n ", .json),
        ("", .text), ("hello", .text), ("1", .text), ("\"x\"", .text), ("null", .text), ("{", .text), ("{}{}", .text),
        ("[1,]", .text), ("\\{}", .text), ("\u{FEFF}{}", .text), ("\n", .text), ("{'a':1}", .text), ("\"{}", .text),
    ])
    func `a value is JSON when it is one object or array`(_ value: String, _ kind: ValueKind) {
        #expect(ValueKind(of: RecordLine(KVRecord(key: "k", text: value))) == kind)
    }

    @Test func `bytes that are not UTF-8 are binary, also where they look like JSON`() {
        #expect(ValueKind(of: RecordLine(KVRecord(key: "k", value: [0x7B, 0xFF, 0x7D]))) == .binary)
    }

    @Test func `a value that is too long to be parsed is judged by its beginning`() {
        let unclosed = "[" + String(repeating: "1", count: ValueKind.parsedBytesMaximum - 1)
        #expect(ValueKind(of: RecordLine(KVRecord(key: "k", text: unclosed))) == .text)
        #expect(ValueKind(of: RecordLine(KVRecord(key: "k", text: unclosed + "1"))) == .json)
        #expect(ValueKind(of: RecordLine(KVRecord(key: "k", text: "x" + unclosed))) == .text)
    }

    @Test func `sizes fall between powers of four`() {
        let sizes = [1, 3, 4, 15, 16, 1023, 1024, 4095, 4096]
        let statistics = Self.statistics(
            sizes.map { KVRecord(key: KVKey("k\($0)"), value: Array(repeating: 0x61, count: $0)) })
        let used = statistics.valueSizes.used
        #expect(used.map(\.bytes) == [1...3, 4...15, 16...63, 64...255, 256...1023, 1024...4095, 4096...16383])
        #expect(used.map(\.count) == [2, 2, 1, 0, 1, 2, 1])
        #expect(used.map(\.totalBytes) == [4, 19, 16, 0, 1023, 5119, 4096])
    }

    @Test func `the buckets hold every size there can be, without gaps`() {
        let buckets = Self.statistics([]).valueSizes.buckets
        #expect(buckets.first?.bytes == 0...0 && buckets.last?.bytes.upperBound == 25 << 20)
        for (one, next) in zip(buckets, buckets.dropFirst()) {
            #expect(one.bytes.upperBound + 1 == next.bytes.lowerBound)
        }
    }

    @Test func `the largest values are named, the largest first`() {
        let statistics = Self.statistics(
            (0..<100).map {
                KVRecord(key: KVKey("k\(100 + $0)"), value: Array(repeating: 0x61, count: $0 * 37 % 50))
            })
        let largest = statistics.largestValues
        #expect(largest.count == ArchiveStatistics.largestLimit)
        #expect(largest.map(\.valueBytes) == (40...49).reversed().flatMap { [$0, $0] })
        for (one, next) in zip(largest, largest.dropFirst()) where one.valueBytes == next.valueBytes {
            #expect(one.key < next.key)
        }
    }

    // MARK: Prefixes

    @Test func `keys are split at the first two colons and slashes`() {
        let records = ["plain", "a:", "a:b", "a:b:c", "a:b:d/e", "a/b", "/", "//x", "é:ü/z"].map {
            KVRecord(key: KVKey($0), text: "12")
        }
        let statistics = Self.statistics(records)
        let first = statistics.firstPrefixes
        let second = statistics.secondPrefixes
        #expect(first.heaviest.map(\.prefix) == ["a:", "/", "a/", "é:"])
        #expect(first.heaviest.map(\.sum.records) == [4, 2, 1, 1])
        #expect(first.unprefixed.records == 1)
        #expect(second.heaviest.map(\.prefix) == ["a:b:", "//", "é:ü/"])
        #expect(second.heaviest.map(\.sum.valueBytes) == [4, 2, 2])
        #expect(second.unprefixed.records == 5)
    }

    @Test func `the heaviest of many prefixes is found, and the rest is summed up`() {
        var statistics = ArchiveStatistics(at: Self.now)
        for index in 1_000_000..<1_200_000 {
            let value = index == 1_165_432 ? "heavy" : "1"
            statistics.count(RecordLine(KVRecord(key: KVKey("user:\(index):name"), text: value)))
        }
        let second = statistics.secondPrefixes
        #expect(second.count == 200_000)
        #expect(second.heaviest.count == 20 && second.heaviest.first?.prefix == "user:1165432:")
        #expect(second.rest.records == 199_980 && second.rest.valueBytes == 199_980)
        #expect(statistics.firstPrefixes.heaviest.map(\.sum.records) == [200_000])
    }

    // MARK: Expirations

    @Test(
        arguments: [
            (0, ExpirationSpread.Period.expired), (1, .day), (day, .day), (day + 1, .week), (7 * day, .week),
            (7 * day + 1, .month), (30 * day, .month), (30 * day + 1, .calendarMonth(year: 2026, month: 12)),
            (38 * day + 39_297, .calendarMonth(year: 2026, month: 12)),
            (38 * day + 39_298, .calendarMonth(year: 2027, month: 1)),
            (5 * 365 * day, .calendarMonth(year: 2031, month: 11)), (6 * 365 * day, .later),
            (.max - now.seconds, .later),
        ] as [(Int64, ExpirationSpread.Period)])
    func `an expiration falls into one span of time`(_ seconds: Int64, _ period: ExpirationSpread.Period) {
        let record = KVRecord(key: "k", value: [1], expiration: Self.now + seconds)
        let found = Self.statistics([record]).expirations.notable.filter { $0.sum.records > 0 }
        #expect(found.map(\.period) == [period])
    }

    @Test func `a moment at the end of time has its spans too`() {
        for moment in [Int64.max, 253_402_300_799] {
            let statistics = Self.statistics(
                [KVRecord(key: "k", value: [], expiration: UnixTime(seconds: .max)), KVRecord(key: "l", value: [])],
                at: UnixTime(seconds: moment))
            #expect(statistics.expirations.notable.reduce(0) { $0 + $1.sum.records } == 2)
        }
    }

    // MARK: Sums

    @Test(arguments: Seed.several(4))
    func `every division of the records adds up to the manifest's totals`(seed: Seed) async throws {
        let lines = EdgeRecords.records(count: 1_500, seed: seed.value).map(RecordLine.init)
        let vault = MemoryVault()
        let totals = try await write(lines, in: vault, at: "a", options: .small(frame: 20_000, part: 90_000)).totals
        let statistics = try await Archive.open(in: vault, at: "a").statistics(at: Self.now)

        var counted = statistics.totals
        counted.compressedBytes = totals.compressedBytes
        #expect(counted == totals)
        let kinds = ValueKind.allCases.map(statistics.sum)
        #expect(kinds.reduce(0) { $0 + $1.records } == totals.records)
        #expect(kinds.reduce(0) { $0 + $1.valueBytes } == totals.valueBytes)
        #expect(statistics.sum(of: .binary).records == totals.base64Values)
        let sizes = statistics.valueSizes.buckets
        #expect(sizes.reduce(0) { $0 + $1.count } == totals.records)
        #expect(sizes.reduce(0) { $0 + $1.totalBytes } == totals.valueBytes)
        let expirations = statistics.expirations
        #expect(expirations.sums.reduce(0) { $0 + $1.records } == totals.records)
        #expect(expirations.sums.last?.records == totals.records - totals.recordsWithExpiration)
        #expect(statistics.metadataSizes.buckets.reduce(0) { $0 + $1.count } == totals.recordsWithMetadata)
        #expect(statistics.metadataBytes == lines.reduce(0) { $0 + ($1.metadata?.json.count ?? 0) })
        #expect(statistics.keyBytes == lines.reduce(0) { $0 + $1.key.utf8.count })
        for weights in [statistics.firstPrefixes, statistics.secondPrefixes] {
            let sums = weights.heaviest.map(\.sum) + [weights.rest, weights.unprefixed]
            #expect(sums.reduce(0) { $0 + $1.records } == totals.records)
            #expect(sums.reduce(0) { $0 + $1.valueBytes } == totals.valueBytes)
        }
    }

    @Test func `totals that are not those of the records are a contradiction`() async throws {
        let vault = MemoryVault()
        try await write(lines("a", "b"), in: vault, at: "a")
        let archive = try await Archive.open(in: vault, at: "a")
        var manifest = archive.manifest
        manifest.totals.valueBytes += 1
        try await vault.write(manifest.text, to: "a/manifest.json", onExisting: .replace)
        let changed = try await Archive.open(in: vault, at: "a")
        await #expect { try await changed.statistics(at: Self.now) } throws: { ArchiveError.Code.contradiction ~= $0 }
    }
}
