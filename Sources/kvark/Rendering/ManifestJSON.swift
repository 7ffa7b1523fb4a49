import KVTransfer

/// Counts of an archive, as `--json` shows them.
struct TotalsJSON: Encodable {
    let records: Int
    let rawBytes: Int
    let compressedBytes: Int
    let valueBytes: Int
    let base64Values: Int
    let recordsWithMetadata: Int
    let recordsWithExpiration: Int
    let earliestExpiration: Int64?

    init(_ totals: ArchiveTotals) {
        records = totals.records
        rawBytes = totals.rawBytes
        compressedBytes = totals.compressedBytes
        valueBytes = totals.valueBytes
        base64Values = totals.base64Values
        recordsWithMetadata = totals.recordsWithMetadata
        recordsWithExpiration = totals.recordsWithExpiration
        earliestExpiration = totals.earliestExpiration?.seconds
    }
}

/// What it took to read records, as `--json` shows it.
struct ReadJSON: Encodable {
    let requests: [String: Int]
    let floor: Int
    let retries: Int
    let keysListed: Int
    let keysVanished: Int
    let keysReread: Int
    let keysDoubled: Int
    let retriesByCause: [String: Int]
    let listsRestarted: Int
    let runs: Int
    let settled: SettledJSON?

    init(_ read: ReadStatistics) {
        requests = read.requests
        floor = read.floor
        retries = read.retries
        keysListed = read.keysListed
        keysVanished = read.keysVanished
        keysReread = read.keysReread
        keysDoubled = read.keysDoubled
        retriesByCause = read.retriesByCause
        listsRestarted = read.listsRestarted
        runs = read.runs
        settled = read.settled.map(SettledJSON.init)
    }
}

/// What a second look at the list found, as `--json` shows it.
struct SettledJSON: Encodable {
    let startedAt: String
    let finishedAt: String
    let changed: Int
    let appeared: Int
    let gone: Int

    init(_ settled: ReadStatistics.Settled) {
        startedAt = UTCTime.text(settled.startedAt)
        finishedAt = UTCTime.text(settled.finishedAt)
        changed = settled.changed
        appeared = settled.appeared
        gone = settled.gone
    }
}

/// A key that could not be read or written, as `--json` shows it.
struct HoleJSON: Encodable {
    let key: String
    let reason: String

    init(_ hole: Hole) {
        key = hole.key.string
        reason = hole.reason
    }
}
