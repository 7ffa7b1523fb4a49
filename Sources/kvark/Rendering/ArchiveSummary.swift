import KVArchive
import KVTransfer

/// What `kvark show` tells of an archive; each way to show it has a file of its own.
struct ArchiveSummary {
    /// The archive's folder, as the user named it.
    let place: String
    let manifest: Manifest
    let parts: [PartSummary]
    /// What the records themselves say; `nil` when they were not read.
    let statistics: ArchiveStatistics?

    /// How many bytes of records one byte of the archive holds; `nil` for an archive without parts.
    var compressionRatio: Double? {
        let totals = manifest.totals
        return totals.compressedBytes > 0 ? Double(totals.rawBytes) / Double(totals.compressedBytes) : nil
    }
}

// MARK: - Words that all ways share

extension SizeHistogram.Bucket {
    /// The range of sizes, such as `64 – 255 B` or, where the upper end is not in it, `1 – 4 KiB`.
    var label: String {
        if bytes.count == 1 { return Amounts.wholeBytes(bytes.lowerBound) }
        if bytes.upperBound < 1024 { return "\(bytes.lowerBound) – \(bytes.upperBound) B" }
        let upper = bytes.upperBound.isMultiple(of: 1024) ? bytes.upperBound : bytes.upperBound + 1
        return "\(Amounts.wholeBytes(bytes.lowerBound)) – \(Amounts.wholeBytes(upper))"
    }
}

extension ValueKind {
    /// The kind in words.
    var label: String {
        switch self {
        case .json: "JSON"
        case .text: "other text"
        case .binary: "not text"
        }
    }
}

extension ExpirationSpread.Period {
    /// The span in words.
    var label: String {
        switch self {
        case .expired: "expired already"
        case .day: "within a day"
        case .week: "within a week"
        case .month: "within 30 days"
        case .calendarMonth, .later, .never: code
        }
    }

    /// The span for programs, such as `week` or `2027-03`.
    var code: String {
        switch self {
        case .expired: "expired"
        case .day: "day"
        case .week: "week"
        case .month: "month"
        case .calendarMonth(let year, let month): "\(year)-\(month < 10 ? "0" : "")\(month)"
        case .later: "later"
        case .never: "never"
        }
    }
}
