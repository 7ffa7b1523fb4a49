import KVArchive
import KVModel
import KVVault

/// An archive of one part with any bytes, about which manifest and list of parts say what is true as far as possible.
///
/// So the bytes get past hashes and counts, to where they can do harm.
struct FuzzedArchive {
    /// The files.
    let vault: MemoryVault
    /// What the list of parts says.
    let part: PartSummary

    /// Describes a part by what libzstd finds in it.
    init(part bytes: [UInt8]) {
        let walk = FrameWalk(bytes)
        self.init(part: bytes, raw: walk.raw, frames: walk.frames)
    }

    /// Describes a part of which the content is known.
    ///
    /// - Parameters:
    ///   - bytes: The file.
    ///   - raw: The content of its data frames.
    ///   - frames: How many these are.
    init(part bytes: [UInt8], raw: [UInt8], frames: Int) {
        let records = raw.split(separator: 0x0A).compactMap { try? RecordLine(parsing: Array($0)) }
        let first = records.first?.key ?? "a"
        part = PartSummary(
            name: "part-000000.ndjson.zst", records: max(1, raw.count { $0 == 0x0A }), firstKey: first,
            lastKey: max(first, records.last?.key ?? "z"), rawBytes: max(1, raw.count), bytes: bytes.count,
            sha256: SHA256Hex.digest(of: bytes), frames: max(1, frames))
        var manifest = PartListTarget.manifest(for: [part])
        manifest.contentDigest = SHA256Hex.digest(of: raw)
        manifest.totals.valueBytes = records.reduce(0) { $0 + $1.valueBytes }
        manifest.totals.base64Values = records.count(where: \.isBase64)
        manifest.totals.recordsWithMetadata = records.count(where: \.hasMetadata)
        manifest.totals.recordsWithExpiration = records.count { $0.expiration != nil }
        manifest.totals.earliestExpiration = records.compactMap(\.expiration).min()
        var files = [part.name: bytes, "parts.ndjson": part.line, "manifest.json": manifest.text]
        let sums = files.keys.sorted().map { "\(SHA256Hex.digest(of: files[$0] ?? []))  \($0)\n" }
        files["SHA256SUMS"] = Array(sums.joined().utf8)
        vault = MemoryVault()
        vault.files = Dictionary(uniqueKeysWithValues: files.map { ("a/\($0.key)", $0.value) })
    }
}
