import Foundation
import KVArchive

/// The archives under `formats/vectors`, as they are described here and stand there.
enum Vectors {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appending(path: "formats/vectors").path

    /// Whether the vectors are to be written instead of compared.
    static let isRecording = ProcessInfo.processInfo.environment["KVARK_UPDATE_VECTORS"] == "1"

    /// Archives that are read, by name: their records and the sizes they are written with.
    static func accepted() throws -> [String: (records: [KVRecord], options: ArchiveOptions)] {
        [
            "plain": (plain, .small(frame: 4 << 20, part: 128 << 20)),
            "edges": (try edges(), .small(frame: 200, part: 600)),
        ]
    }

    private static let plain = [
        KVRecord(key: "user:1", text: "Ada"), KVRecord(key: "user:2", text: "Grace"),
        KVRecord(key: "user:3", text: "Edsger"),
    ]

    private static func edges() throws -> [KVRecord] {
        let records = [
            KVRecord(key: "\u{0}", text: "a key of one NUL"),
            KVRecord(key: "...", value: [0x00]),
            KVRecord(
                key: "__proto__", text: "{}", metadata: try KVMetadata(json: "{\"__proto__\":[],\"a\":1,\"a\":2}")),
            KVRecord(key: "a/../b", text: "", metadata: try KVMetadata(json: "1.0")),
            KVRecord(key: "binary", value: [0xFF, 0xD8, 0xFF, 0xE0], expiration: UnixTime(seconds: 1_893_456_000)),
            KVRecord(key: "e\u{301}", text: "two scalars", metadata: try KVMetadata(json: "1e400")),
            KVRecord(key: "é", text: "one scalar", metadata: try KVMetadata(json: "\"\\u00e9\"")),
            KVRecord(key: "integer", text: "9007199254740993", metadata: try KVMetadata(json: "9007199254740993")),
            KVRecord(key: "line\nfeed", text: "\r\n\t\u{8}\u{C}\u{1F}\u{7F}\"\\/\u{2028}"),
            KVRecord(key: "surrogate", value: [0xED, 0xA0, 0x80]),
            KVRecord(key: "\u{FEFF}", text: "\u{FEFF}a byte order mark in both"),
            KVRecord(key: "\u{FFFD}", text: "\u{FFFD}", expiration: UnixTime(seconds: 253_402_300_799)),
            KVRecord(key: "😀", text: "😀", metadata: try KVMetadata(json: "{\"😀\":[true,false,null,-0,\"\"]}")),
            KVRecord(key: KVKey(String(repeating: "k", count: 512)), text: "the longest key"),
        ]
        return records.sorted { $0.key < $1.key }
    }

    // MARK: Refused

    private static let sound = "{\"key\":\"a\",\"value\":\"1\"}\n{\"key\":\"c\",\"value\":\"3\"}\n"

    /// Archives that are refused, by name: what stands there, and the code that opening or verifying must give.
    static func refused() async throws -> [String: (files: [String: [UInt8]], code: ArchiveError.Code)] {
        var vectors: [String: (files: [String: [UInt8]], code: ArchiveError.Code)] = [:]
        func add(_ name: String, _ code: ArchiveError.Code, _ change: (inout HandMade) -> Void = { _ in }) {
            var archive = HandMade(sound)
            change(&archive)
            vectors[name] = (archive.files, code)
        }
        add("newer-version", .unsupportedVersion) { $0.replacements = [("\"major\": 1", "\"major\": 2")] }
        add("unknown-requirement", .unsupportedFeature) {
            $0.replacements = [("\"requires\": []", "\"requires\": [\"x\"]")]
        }
        add("wrong-total", .contradiction) { $0.replacements = [("\"records\": 2", "\"records\": 3")] }
        add("wrong-content-digest", .wrongHash)
        add("part-outside", .unsafeName) { $0.parts[0].name = "../part-000000.ndjson.zst" }
        add("bomb", .tooLarge) { $0.parts[0].bytes = HandMade.repeating(0x0A, blocks: 400) }
        add("keys-out-of-order", .outOfOrder) {
            $0 = HandMade("{\"key\":\"c\",\"value\":\"\"}\n{\"key\":\"a\",\"value\":\"\"}\n", first: "c")
        }
        add("escaped-slash", .malformedRecord) { $0 = HandMade("{\"key\":\"a\",\"value\":\"\\/\"}\n", last: "a") }
        add("seek-table-overflow", .malformedIndex) {
            let count = HandMade.littleEndian(.max) + [0] + HandMade.littleEndian(0x8F92_EAB1)
            $0 = HandMade(sound, trailer: HandMade.littleEndian(0x184D_2A5E) + HandMade.littleEndian(9) + count)
        }
        for (name, code, change) in damages {
            let vault = MemoryVault()
            try await write(lines("a", "b", "c"), in: vault, at: "x", options: .small(frame: 1, part: 100))
            vault.files = change(vault.files)
            let files = vault.files.map { (String($0.key.dropFirst(2)), $0.value) }
            vectors[name] = (Dictionary(uniqueKeysWithValues: files), code)
        }
        return vectors
    }

    private typealias Damage = (String, ArchiveError.Code, @Sendable ([String: [UInt8]]) -> [String: [UInt8]])

    /// What happens to sound archives.
    private static let damages: [Damage] = [
        ("no-manifest", .incomplete, { files in files.filter { $0.key != "x/manifest.json" } }),
        ("missing-part", .missingFile, { files in files.filter { $0.key != "x/part-000000.ndjson.zst" } }),
        ("strange-file", .strangeFile, { files in files.merging(["x/notes.txt": [0x0A]]) { $1 } }),
        (
            "flipped-bit", .wrongHash,
            { files in
                var files = files
                files["x/part-000000.ndjson.zst"]?[20] ^= 1
                return files
            }
        ),
        (
            "cut-between-frames", .wrongSize,
            { files in
                var files = files
                let part = files["x/part-000000.ndjson.zst"] ?? []
                let second = part.indices.dropFirst().first { part[$0...].starts(with: [0x28, 0xB5, 0x2F, 0xFD]) }
                files["x/part-000000.ndjson.zst"] = Array(part[..<(second ?? 0)])
                return files
            }
        ),
    ]
}

/// What `expected.json` says of an archive that is read.
struct ExpectedRecords: Codable, Equatable {
    struct Record: Codable, Equatable {
        var key: String
        var valueBase64: String
        var metadataText: String?
        var expiration: Int64?

        /// Canonical equivalence is not equality of keys.
        static func == (one: Self, other: Self) -> Bool {
            one.key.utf8.elementsEqual(other.key.utf8) && one.valueBase64 == other.valueBase64
                && (one.metadataText ?? "").utf8.elementsEqual((other.metadataText ?? "").utf8)
                && one.expiration == other.expiration
        }
    }
    var records: [Record]

    init(_ records: [KVRecord]) {
        self.records = records.map {
            Record(
                key: $0.key.string, valueBase64: Data($0.value).base64EncodedString(), metadataText: $0.metadata?.text,
                expiration: $0.expiration?.seconds)
        }
    }
}

/// What `expected.json` says of an archive that is refused.
struct ExpectedRefusal: Codable, Equatable {
    /// The code of the error that opening gives, or of one of the damages that verifying finds.
    var code: String
}
