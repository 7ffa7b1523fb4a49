import JSONText
import KVModel
import KVServer

/// Bodies of bulk writes: what is taken can be stored, and is the same when it is written as kvark writes it.
struct BulkTarget: FuzzTarget {
    let name = "bulk"
    let tokens = [
        "[{\"key\":\"", "\",\"value\":\"", "\"},{", "}]", ",\"metadata\":", ",\"base64\":true", "\"expiration\":",
        "\"expiration_ttl\":", "null", "60", "60.9", "6e1", "59", "-1", "1e400", "1700000000", "1700000060", "gA==",
        "gA", "\\u0000", "\\ud800", "\\r\\n", "true", "..", "[", "{\"a\":1.0}",
    ]
    private static let now = UnixTime(seconds: 1_700_000_000)

    func run(_ input: [UInt8]) async throws -> String {
        do {
            let writes = try Self.writes(input)
            for write in writes { try check(write) }
            let text = [0x5B] + writes.map(Self.line).joined(separator: [0x2C]) + [0x5D]
            let again = try Self.writes(Array(text))
            try require(again.map(Self.line) == writes.map(Self.line), "the pairs are others after writing them")
            return "\(min(3, writes.count)) pairs"
        } catch let fault as APIFault {
            let item = try require(fault.items.first, "a refusal without a reason")
            return "\(item.code): \(Outcome.words(item.message))"
        } catch let error as JSONError {
            return Outcome.words(error.message)
        }
    }

    private static func writes(_ body: [UInt8]) throws -> [RecordWrite] {
        var reader = try JSONReader(body)
        let body = try BulkWriteBody(&reader, now: now, operation: "put")
        try reader.finish()
        return body.writes
    }

    private static func line(_ write: RecordWrite) -> [UInt8] {
        RecordLine(
            KVRecord(
                key: write.key, value: write.value, metadata: write.metadata, expiration: write.expiration)
        ).text
    }

    private func check(_ write: RecordWrite) throws {
        try require(write.key.problem == nil, "a key is taken that is none")
        try require(write.value.count <= KVLimits.valueBytes, "a value is taken that is too long")
        try require(!(write.metadata?.isTooLong ?? false), "metadata is taken that is too long")
        let earliest = Self.now + KVLimits.expirationMinimumSeconds
        try require(write.expiration.map { $0 >= earliest } ?? true, "an expiration is taken that is too early")
    }
}
