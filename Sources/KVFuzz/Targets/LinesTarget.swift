import KVArchive
import KVModel

/// Texts of parts: what stands in frames whose checksums hold, with an index and a seek table that fit or without.
///
/// A byte 0x1E ends a frame; a text that starts with 0x1D has no index.
struct LinesTarget: FuzzTarget {
    let name = "lines"
    let tokens = [
        "\u{1E}", "\u{1D}", "\n", "{\"key\":\"a\",\"value\":\"1\"}\n",
        "{\"key\":\"b\",\"base64\":true,\"value\":\"gA==\"}\n", "{\"key\":\"zz\",\"expiration\":60,\"value\":\"\"}\n",
        "{\"key\":\"c\",\"metadata\":{\"a\":1.0},\"value\":\"2\"}\n", "\",\"value\":\"", "\\n", "\\u0000", "é",
    ]
    let testInputs = 500

    func run(_ input: [UInt8]) async throws -> String {
        let hasIndex = input.first != 0x1D
        let texts = input.drop { $0 == 0x1D }.split(separator: 0x1E)
        let frames = texts.map { FrameWalk.frame($0) }
        var part = frames.flatMap(\.self)
        if hasIndex { part += Self.indexes(texts, frames) }
        return try await ArchiveReadings(of: FuzzedArchive(part: part)).check()
    }

    /// The key index and the seek table of some frames, as a writer makes them.
    static func indexes(_ texts: [ArraySlice<UInt8>], _ frames: [[UInt8]]) -> [UInt8] {
        let keys = KeyIndex(
            entries: texts.map { text in
                let line = try? RecordLine(parsing: Array(text.prefix { $0 != 0x0A }))
                return KeyIndex.Entry(firstKey: line?.key ?? "a", records: max(1, text.count { $0 == 0x0A }))
            }
        ).frame
        var entries = zip(texts, frames).map { SeekTable.Entry(bytes: $1.count, rawBytes: $0.count) }
        entries.append(SeekTable.Entry(bytes: keys.count, rawBytes: 0))
        return keys + SeekTable(entries: entries).frame
    }
}
