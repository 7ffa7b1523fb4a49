import Foundation
import KVArchive

/// Archives put together byte by byte, as nobody's writer would.
struct HandMade {
    struct Part {
        var bytes: [UInt8]
        var name: String
        var records: Int
        var firstKey: String
        var lastKey: String
        var rawBytes: Int
        var frames = 1

        /// What `parts.ndjson` says about it.
        var line: String {
            """
            {"name":"\(name)","records":\(records),"firstKey":"\(firstKey)","lastKey":"\(lastKey)",\
            "rawBytes":\(rawBytes),"bytes":\(bytes.count),"sha256":"\(HandMade.sha256(bytes))","frames":\(frames)}\n
            """
        }
    }

    var parts: [Part]
    /// Changes to the manifest's text, after all numbers have been filled in.
    var replacements: [(String, String)] = []

    /// One part of one frame with these lines, described truthfully.
    init(_ lines: String, first: String = "a", last: String = "c", trailer: [UInt8] = []) {
        let raw = Array(lines.utf8)
        let records = raw.count { $0 == 0x0A }
        parts = [
            Part(
                bytes: Self.frame(raw) + trailer, name: "part-000000.ndjson.zst", records: records, firstKey: first,
                lastKey: last, rawBytes: raw.count)
        ]
    }

    /// The digest as `sha256sum` gives it.
    static func sha256(_ bytes: [UInt8]) -> String {
        let file = NSTemporaryDirectory() + "kvark-hash-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: file) }
        guard FileManager.default.createFile(atPath: file, contents: Data(bytes)),
            let result = try? bash("sha256sum < \(file)", in: "/")
        else { return "" }
        return String(result.output.prefix(64))
    }

    /// A zstd frame that stores up to 255 bytes as they are (RFC 8878, section 3.1.1).
    static func frame(_ raw: [UInt8]) -> [UInt8] {
        precondition(raw.count < 256)
        let block = UInt32(raw.count) << 3 | 1
        return [0x28, 0xB5, 0x2F, 0xFD, 0x20, UInt8(raw.count)] + littleEndian(block).prefix(3) + raw
    }

    /// A zstd frame of one byte repeated, 128 KiB for every four bytes of the frame.
    static func repeating(_ byte: UInt8, blocks: Int) -> [UInt8] {
        var frame: [UInt8] = [0x28, 0xB5, 0x2F, 0xFD, 0x00, 0x58]
        for index in 1...blocks {
            frame += littleEndian(UInt32(131_072) << 3 | 2 | (index == blocks ? 1 : 0)).prefix(3) + [byte]
        }
        return frame
    }

    static func littleEndian(_ number: UInt32) -> [UInt8] {
        [UInt32(0), 8, 16, 24].map { UInt8(truncatingIfNeeded: number >> $0) }
    }

    /// The archive's files, by name.
    var files: [String: [UInt8]] {
        let list = Array(parts.map(\.line).joined().utf8)
        var totals = ArchiveTotals()
        for part in parts {
            totals.records &+= part.records
            totals.rawBytes &+= part.rawBytes
            totals.compressedBytes &+= part.bytes.count
        }
        let manifest = Manifest(
            id: "made by hand", startedAt: UnixTime(seconds: 1), finishedAt: UnixTime(seconds: 2),
            parts: Manifest.Parts(count: parts.count, sha256: Self.sha256(list)), totals: totals,
            contentDigest: String(repeating: "0", count: 64))
        var text = String(decoding: manifest.text, as: UTF8.self)
        for (old, new) in replacements { text = text.replacing(old, with: new) }
        var files = ["parts.ndjson": list, "manifest.json": Array(text.utf8)]
        for part in parts where files[part.name] == nil && !part.name.contains("/") { files[part.name] = part.bytes }
        let sums = files.sorted { $0.key < $1.key }.map { "\(Self.sha256($1))  \($0)\n" }.joined()
        files["SHA256SUMS"] = Array(sums.utf8)
        return files
    }

    /// The archive in memory.
    func vault(at path: String = "x") -> MemoryVault {
        let vault = MemoryVault()
        vault.files = Dictionary(uniqueKeysWithValues: files.map { ("\(path)/\($0.key)", $0.value) })
        return vault
    }
}
