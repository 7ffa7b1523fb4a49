import KVArchive
import KVModel

/// Key index and seek table: any bytes behind three sound frames.
struct IndexTarget: FuzzTarget {
    let name = "index"
    let tokens = [
        "{\"kvarkKeyIndex\":1}\n", "{\"firstKey\":\"a\",\"records\":2}\n", "{\"firstKey\":\"c\",\"records\":1}\n",
        "{\"firstKey\":\"d\",\"records\":2}\n", "[*M\u{18}", "^*M\u{18}", "P*M\u{18}", "\\u0061",
        "9223372036854775807", " ",
    ]
    let testInputs = 2_000

    private static let texts = [
        "{\"key\":\"a\",\"value\":\"1\"}\n{\"key\":\"b\",\"value\":\"2\"}\n", "{\"key\":\"c\",\"value\":\"3\"}\n",
        "{\"key\":\"d\",\"value\":\"4\"}\n{\"key\":\"e\",\"value\":\"5\"}\n",
    ].map { Array($0.utf8) }
    private static let frames = texts.map { FrameWalk.frame($0) }

    /// The index and the table that fit the frames.
    static let sound = LinesTarget.indexes(texts.map { $0[...] }, frames)

    func run(_ input: [UInt8]) async throws -> String {
        // An empty input stands for the sound one, of which frames made by another libzstd may need another.
        let tail = input.isEmpty ? Self.sound : input
        if let keys = KeyIndex(frame: tail) { try require(keys.frame == tail, "a key index is another one") }
        try checkTable(tail)
        let archive = FuzzedArchive(
            part: Self.frames.flatMap(\.self) + tail, raw: Self.texts.flatMap(\.self), frames: 3)
        return try await ArchiveReadings(of: archive).check()
    }

    private func checkTable(_ tail: [UInt8]) throws {
        for fileBytes in [tail.count, 1000, Int(UInt32.max)] {
            guard let table = SeekTable(frame: tail, fileBytes: fileBytes) else { continue }
            let sum = table.entries.reduce(tail.count) { $0 + $1.bytes }
            try require(sum == fileBytes, "a seek table does not explain the file")
            guard tail.count == table.frame.count else { continue }
            try require(table.frame == tail, "a seek table is another one after writing it")
        }
    }
}
